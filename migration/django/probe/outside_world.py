"""The part of the probe that keeps a trial of the migrations from reaching anything but its databases.

Python tells an audit hook before it looks up a name, connects, sends a datagram or starts a program
(https://docs.python.org/3/library/audit_events.html), and a hook can neither be taken off nor gone round
by Python code. What the hook refuses raises an ``OSError``, as a network that is down would, and is
written to a file at once: so it is known also where the code swallows the error, in a thread, in a forked
process, and in one that dies.

What a database's driver does while Django opens one of its connections is let through, and so is what the
plan allows. What a library does in C without Python's sockets no hook hears of: the known ones are
refused by the names that open a connection.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import json
import os
import socket
import sys
import sysconfig
import threading
from typing import Any, Callable, Dict, Iterator, NoReturn  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006

HERE = os.path.dirname(os.path.abspath(__file__))
STANDARD = tuple(os.path.realpath(sysconfig.get_paths()[key]) + os.sep for key in ("stdlib", "platstdlib"))
INSTALLED = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
LOCAL = ("localhost", "127.0.0.1", "::1")
# Families of sockets that lead no further than to the system itself.
KERNEL = tuple(getattr(socket, name) for name in ("AF_NETLINK", "AF_ALG") if hasattr(socket, name))
# Parts of the standard library that ask a program about the system, and of Django that copy a database by one.
ASKING = tuple(os.path.join("", *path) for path in (("ctypes", "util.py"), ("platform.py",), ("uuid.py",)))
COPYING = os.path.join(os.sep + "django", "db", "backends") + os.sep
# What opens a connection in C.
UNHEARD = {
    "pycurl": ("Curl", "CurlMulti"),
    "grpc": ("insecure_channel", "secure_channel"),
    "grpc.aio": ("insecure_channel", "secure_channel"),
    "confluent_kafka": ("Producer", "Consumer"),
    "confluent_kafka.admin": ("AdminClient",),
    "librabbitmq": ("Connection",),
    "pylibmc": ("Client",),
    "uvloop": ("new_event_loop", "Loop", "run"),
}


class Refused(OSError):
    """What the trial does not do; an ``OSError``, since code expects one where a network is down."""


class After:
    """Finds modules as Python does, and does something to some of them once they are loaded."""

    def __init__(self) -> None:
        self.deeds: dict[str, Callable[[Any], None]] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        deed = self.deeds.get(name)
        if deed is None:
            return None
        finders = [finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec")]
        spec: Any = next(filter(None, (finder.find_spec(name, path, target) for finder in finders)), None)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            load = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                load(module)
                if self.deeds.pop(name, None):
                    deed(module)

            spec.loader.exec_module = exec_module
        return spec


def after_import(name: str, deed: Callable[[Any], None]) -> None:
    """Do something to a module as soon as it is loaded."""
    if name in sys.modules:
        deed(sys.modules[name])
        return
    finder = next((one for one in sys.meta_path if isinstance(one, After)), None)
    if finder is None:
        finder = After()
        sys.meta_path.insert(0, finder)
    finder.deeds[name] = deed


class World:
    """All that is not a database of the trial, refused from now on in this process and those it forks.

    :param allow: what the plan allows, each ``host:port`` or the path of a socket.
    :param programs: names or paths of programs that may be started.
    :param log: the file that a line is added to for everything refused.
    :param in_repo: gives the path of a source file relative to the repo, or ``""``.
    """

    def __init__(self, allow: list[str], programs: list[str], log: str, in_repo: Callable[[str], str]) -> None:
        self.allowed = [split(entry) for entry in allow]
        self.programs = frozenset(programs)
        self.in_repo = in_repo
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.told: set[tuple[Any, ...]] = set()
        self.found: dict[str, set[str]] = {}  # an allowed host -> its addresses, as far as they were looked up
        self.started = False
        self.hidden: Callable[[str], str] = str  # takes secrets out of what is said, once the settings are known
        self.thread = threading.local()
        self.own_names = frozenset(name.lower() for name in (*LOCAL, socket.gethostname()))
        self.checks: dict[str, Callable[..., None]] = {
            "socket.connect": self.connects, "socket.sendto": self.sends, "socket.sendmsg": self.sends,
            "socket.getaddrinfo": self.looks_up, "socket.gethostbyname": self.looks_up,
            "socket.gethostbyaddr": self.asks_for, "socket.getnameinfo": lambda address: self.asks_for(address[0]),
            "subprocess.Popen": self.starts, "os.posix_spawn": self.starts, "os.spawn": self.spawns,
            "os.exec": self.starts, "os.system": self.runs, "pty.spawn": self.runs,
        }  # fmt: skip
        self.remember_addresses()
        self.watch_forks()
        for module, names in UNHEARD.items():
            after_import(module, functools.partial(self.close_off, names=names))
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook."""
        check = self.checks.get(event)
        if check is not None and not getattr(self.thread, "trusted", False):
            check(*arguments)

    @contextlib.contextmanager
    def trusting(self) -> Iterator[None]:
        """What this thread does in the block is the trial's own business."""
        before = getattr(self.thread, "trusted", False)
        self.thread.trusted = True
        try:
            yield
        finally:
            self.thread.trusted = before

    after_import = staticmethod(after_import)

    # ---- what may be done all the same

    def let_databases_through(self) -> None:
        """Let Django's own connections reach their servers: what their drivers do while one is opened."""
        from django.db.utils import ConnectionHandler

        create = ConnectionHandler.create_connection

        def create_connection(handler: Any, alias: str) -> Any:
            connection = create(handler, alias)
            cls = type(connection)
            if not hasattr(cls.get_new_connection, "trusted"):
                cls.get_new_connection = self.trusted(cls.get_new_connection)
            return connection

        ConnectionHandler.create_connection = create_connection

    def trusted(self, deed: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            with self.trusting():
                return deed(*arguments, **options)

        wrapped.trusted = True  # type: ignore[attr-defined]
        return wrapped

    def remember_addresses(self) -> None:
        """Note which addresses the hosts have that are allowed by name."""
        import _socket

        def keep(host: Any, addresses: Iterator[Any]) -> None:
            name = text(host).lower()
            if any(name == allowed for allowed, _ in self.allowed):
                self.found.setdefault(name, set()).update(map(plain_address, addresses))

        getaddrinfo, by_name, by_name_ex = _socket.getaddrinfo, _socket.gethostbyname, _socket.gethostbyname_ex

        def lookup(host: Any, *arguments: Any, **options: Any) -> Any:
            found = getaddrinfo(host, *arguments, **options)
            keep(host, (entry[4][0] for entry in found))
            return found

        def lookup_one(host: Any) -> str:
            address: str = by_name(host)
            keep(host, iter([address]))
            return address

        def lookup_all(host: Any) -> Any:
            found = by_name_ex(host)
            keep(host, iter(found[2]))
            return found

        _socket.getaddrinfo = lookup
        _socket.gethostbyname = socket.gethostbyname = lookup_one
        _socket.gethostbyname_ex = socket.gethostbyname_ex = lookup_all

    def allows(self, host: str, port: Any) -> bool:
        """Whether the plan allows a host at a port; at any of its ports for None."""
        host = plain_address(host)
        return any(
            (port is None or str(port) == allowed_port)
            and (host == plain_address(name) or {host, name} <= set(LOCAL) or host in self.found.get(name, ()))
            for name, allowed_port in self.allowed
            if allowed_port
        )

    @staticmethod
    def joined(host: str, port: Any) -> str:
        return joined(host, port)

    # ---- the network

    def connects(self, connection: Any, address: Any) -> None:
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            host, port = text(address[0]), address[1]
            if not self.allows(host, port):
                self.refuse(f"a connection to {joined(host, port)}", joined(host, port))
            return
        path = text(address) if isinstance(address, (str, bytes)) else repr(address)
        if (path, "") not in self.allowed and connection.family not in KERNEL:
            self.refuse(f"a connection to the socket {path}", path)

    def sends(self, connection: Any, address: Any = None) -> None:
        if address is not None:  # else it is connected
            self.connects(connection, address)

    def looks_up(self, host: Any, port: Any = None, *_: Any) -> None:
        name = text(host).lower()
        if not name or name in self.own_names or is_address(name) or self.allows(name, None):
            return
        where = joined(name, text(port)) if port else name
        self.refuse(f"a look-up of {where}", where if port else f"{name}:PORT")

    def asks_for(self, host: Any) -> None:
        """The name of an address."""
        name = text(host).lower()
        if is_address(name) and name not in LOCAL and not self.allows(name, None):
            self.refuse(f"a look-up of {name}", joined(name, "PORT"))
        self.looks_up(name)

    # ---- other programs

    def starts(self, program: Any, arguments: Any = (), *_: Any) -> None:
        words = [arguments] if isinstance(arguments, (str, bytes)) else list(arguments or ())
        name = text(program or (words[0] if words else ""))
        if not self.started or {name, os.path.basename(name)} & self.programs or is_harmless(sys._getframe(1)):
            return
        self.refuse(f"the program {name}", program=os.path.basename(name))

    def spawns(self, _: Any, program: Any, arguments: Any = (), *__: Any) -> None:
        self.starts(program, arguments)

    def runs(self, command: Any) -> None:
        words = text(command).split() if isinstance(command, (str, bytes)) else [text(word) for word in command]
        self.starts(words[0] if words else "sh")

    def watch_forks(self) -> None:
        """``multiprocessing`` starts programs by a function that says nothing to hooks."""
        try:
            import _posixsubprocess
        except ImportError:
            return
        fork_exec = _posixsubprocess.fork_exec

        def watched(arguments: Any, executables: Any, *more: Any) -> Any:
            if sys._getframe(1).f_code.co_filename.endswith(os.path.join("multiprocessing", "util.py")):
                self.starts(executables[0] if executables else None, arguments)
            return fork_exec(arguments, executables, *more)

        _posixsubprocess.fork_exec = watched

    def close_off(self, module: Any, names: tuple[str, ...]) -> None:
        """Refuse what a library in C would do unheard."""
        for name in names:
            if hasattr(module, name):
                setattr(module, name, self.refusing(f"{module.__name__}.{name}, which connects unseen"))

    def refusing(self, what: str) -> Callable[..., NoReturn]:
        def refuse(*_: Any, **__: Any) -> NoReturn:
            self.refuse(what)

        return refuse

    # ---- what is said of it

    def refuse(self, what: str, allow: str = "", program: str = "") -> NoReturn:
        """Note it, and do not do it.

        :param what: what was to be done, as it follows "refused:".
        :param allow: the entry of the plan's ``trial.allow`` that would let it through.
        :param program: the same of ``trial.programs``.
        """
        path, line = self.note(what, allow, program)
        raise Refused(f"the trial of the migrations refuses {what} ({path}:{line})")

    def note(self, what: str, allow: str = "", program: str = "", how: str = "refused") -> tuple[str, int]:
        """Write down what was not done, with the innermost place in the repo, else in another library."""
        path, line = place(self.in_repo)
        what = self.hidden(what)
        entry = (how, what, allow, program, path, line)
        if entry not in self.told:
            self.told.add(entry)
            keys = ("how", "what", "allow", "program", "path", "line")
            said = json.dumps(dict(zip(keys, entry)))  # noqa: B905  Python 3.8
            os.write(self.log, (said + "\n").encode())
        return path, line


def place(in_repo: Callable[[str], str]) -> tuple[str, int]:
    """Who asks: the innermost line of the repo on the stack, else of what is installed, else of anything."""
    frame: Any = sys._getframe(1)
    installed = ("", 0)
    while frame is not None:
        name = frame.f_code.co_filename
        if os.path.dirname(os.path.abspath(name)) != HERE:
            path = in_repo(name)
            if path:
                return path, frame.f_lineno
            if not installed[0] and not is_standard(name):
                installed = (short(name), frame.f_lineno)
        frame = frame.f_back
    return installed if installed[0] else ("Python", 0)


def is_standard(name: str) -> bool:
    """Whether a source file is of the standard library."""
    if name.startswith("<"):
        return True
    real = os.path.realpath(name)
    return real.startswith(STANDARD) and not any(part in real for part in INSTALLED)


def short(name: str) -> str:
    """A file of an installed package as its package names it."""
    for part in INSTALLED:
        if part in name:
            return name.rpartition(part)[2].replace(os.sep, "/")
    return name


def is_harmless(frame: Any) -> bool:
    """Whether a program is started by us, by Django to copy a database, or by what only asks about the system."""
    while frame is not None:
        name = os.path.realpath(frame.f_code.co_filename)
        if os.path.dirname(name) == HERE and name != os.path.realpath(__file__):
            return True
        if name != os.path.realpath(__file__) and not is_standard(frame.f_code.co_filename):
            return COPYING in name and name.endswith(os.sep + "creation.py")
        if name.startswith(STANDARD) and name.endswith(ASKING):
            return True
        frame = frame.f_back
    return False


def split(entry: str) -> tuple[str, str]:
    """An entry of ``allow`` as (host, port), or (path, ``""``)."""
    if entry.startswith("/"):
        return entry, ""
    host, _, port = entry.rpartition(":")
    return host.strip("[]").lower(), port


def joined(host: str, port: Any) -> str:
    """Host and port as people write them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, (str, bytes)) else "" if value is None else str(value)


def is_address(host: str) -> bool:
    """Whether it is an address, so that nobody is asked for it."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def plain_address(host: Any) -> str:
    """An address in the one way it is compared: without a zone, IPv4 as such."""
    name = text(host).partition("%")[0].lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    return str(getattr(address, "ipv4_mapped", None) or address)
