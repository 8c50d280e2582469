"""An interpreter that has Django imported already: real processes, each forked from a warm one.

Starting Python and importing Django takes most of the time of a small project's boot. The script
that :func:`interpreter` writes is given as ``python=``; it hands its arguments, its environment and
its streams to the server, which forks a process that runs the script asked for.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import runpy
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

_WANTED = (
    "django", "django.apps", "django.conf", "django.core.checks", "django.core.checks.registry",
    "django.core.management", "django.core.management.commands.migrate", "django.core.management.commands.check",
    "django.core.management.commands.makemigrations", "django.db", "django.db.migrations.autodetector",
    "django.db.migrations.executor", "django.db.migrations.loader", "django.db.migrations.writer",
    "django.db.backends.sqlite3.base", "django.test", "sqlite3", "json", "traceback",
)
_LAUNCHER = """\
#!{python} -IS
import os, sys
from _socket import socket, AF_UNIX, SOCK_STREAM, SOL_SOCKET, SCM_RIGHTS
import struct
server = socket(AF_UNIX, SOCK_STREAM)
server.connect({address!r})
asked = repr((sys.argv[1:], os.getcwd(), dict(os.environ))).encode()
server.sendmsg([struct.pack("q", len(asked))], [(SOL_SOCKET, SCM_RIGHTS, struct.pack("3i", 0, 1, 2))])
server.sendall(asked)
code = server.recv(16)
os._exit(int(code) if code else 70)
"""


@contextlib.contextmanager
def interpreter(place: Path) -> Iterator[str]:
    """A warm interpreter: the path of what is to be called instead of ``python``."""
    address = str(place / "python.socket")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(64)
    server = os.fork()
    if not server:
        _serve(listener)
    listener.close()
    launcher = place / "python"
    launcher.write_text(_LAUNCHER.format(python=sys.executable, address=address))
    launcher.chmod(0o755)
    with contextlib.suppress(FileNotFoundError):  # else the tests of `format: repo` have nothing to show
        (place / "ruff").symlink_to(Path(sys.executable).with_name("ruff").resolve(strict=True))
    try:
        yield str(launcher)
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)


def _serve(listener: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in _WANTED:
        importlib.import_module(name)
    while True:
        connection, _ = listener.accept()
        if not os.fork():
            listener.close()
            _answer(connection)
        connection.close()


def _answer(connection: socket.socket) -> None:
    """One call: a process of its own, and one that waits for it to tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, fds, _, _ = socket.recv_fds(connection, 8, 3)
    (left,) = struct.unpack("q", length)
    asked = b""
    while len(asked) < left:
        piece = connection.recv(left - len(asked))
        if not piece:
            os._exit(1)  # who asked has died
        asked += piece
    child = os.fork()
    if not child:
        connection.close()
        arguments, directory, environment = ast.literal_eval(asked.decode())
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        os._exit(_run(arguments, directory, environment))
    for fd in fds:
        os.close(fd)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(arguments: list[str], directory: str, environment: dict[str, str]) -> int:
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    script = arguments[0]
    inherited = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    own = {str(Path(__file__).parents[2]), ""}
    sys.path[:] = [os.path.dirname(os.path.abspath(script)), *inherited, *(p for p in sys.path if p not in own)]
    sys.argv[:] = arguments
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "migration")]:
        del sys.modules[name]  # the monolith may have its own
    code: object = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            sys.stderr.write(code + "\n")
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1

