from __future__ import annotations

from pathlib import Path

import pytest

from tests.outside import act, datagrams, listening, sink

TRYING = """\
def outcome(deed):
    try:
        return repr(deed())
    except OSError as error:
        return f"{type(error).__name__}: {error}"
"""


def attempts(*deeds: str) -> str:
    """Code that does one thing after the other and keeps what each came to."""
    return TRYING + "value = [\n" + "".join(f"    outcome(lambda: {deed}),\n" for deed in deeds) + "]\n"


# ---- what must stay possible


def test_what_reaches_nobody(tmp_path: Path) -> None:
    """Sockets within the process, look-ups that ask no server, questions about the system."""
    deeds = (
        "(lambda pair: pair[0].send(b'x'))(__import__('socket').socketpair())",
        "__import__('socket').getaddrinfo('127.0.0.1', 80)[0][4]",
        "__import__('socket').gethostbyname('localhost')",
        "len(__import__('socket').gethostname()) > 0",
        "__import__('socket').getfqdn() != ''",
        "__import__('asyncio').run(__import__('asyncio').sleep(0))",
        "__import__('ctypes.util').util.find_library('c')[:4]",
        "__import__('uuid').uuid1() != 0",
    )
    outcome = act(tmp_path, attempts(*deeds))
    assert outcome.value == ["1", "('127.0.0.1', 80)", "'127.0.0.1'", "True", "True", "None", "'libc'", "True"]
    assert outcome.refused == ()


def test_programs_while_django_starts(tmp_path: Path) -> None:
    outcome = act(tmp_path, "from django.conf import settings\n\nvalue = settings.RELEASE\n", """
        import subprocess

        RELEASE = subprocess.run(["echo", "1.0"], capture_output=True, text=True).stdout.strip()
    """)
    assert (outcome.value, outcome.refused) == ("1.0", ())


def test_what_the_plan_allows(tmp_path: Path) -> None:
    with sink() as by_name, sink() as by_address, datagrams() as udp, listening(tmp_path / "s") as unix:
        deeds = (
            f"__import__('urllib.request').request.urlopen('http://localhost:{by_name.port}/').status",
            f"__import__('urllib.request').request.urlopen('http://127.0.0.1:{by_address.port}/').status",
            f"__import__('socket').socket(2, 2).sendto(b'count:1|c', ('127.0.0.1', {udp.port}))",
            f"__import__('socket').socket(1).connect({str(tmp_path / 's')!r})",
            "__import__('subprocess').run(['echo', 'x']).returncode",
            "__import__('os').system('/bin/true')",
        )
        outcome = act(
            tmp_path / "repo", attempts(*deeds).replace("['echo', 'x']", "['echo', 'x'], stdout=-3"),
            allow=(f"localhost:{by_name.port}", f"127.0.0.1:{by_address.port}", f"127.0.0.1:{udp.port}", str(tmp_path / "s")),
            programs=("echo", "/bin/true"),
        )
    assert outcome.value == ["204", "204", "9", "None", "0", "0"]
    assert outcome.refused == ()
    assert (by_name.lines, by_address.lines, udp.lines, unix.lines) == (["connected"], ["connected"], ["count:1|c"], ["connected"])


# ---- what is refused


def test_the_network(tmp_path: Path) -> None:
    with sink() as tcp, datagrams() as udp, listening(tmp_path / "s") as unix:
        deeds = (
            f"__import__('urllib.request').request.urlopen('http://127.0.0.1:{tcp.port}/')",
            f"__import__('http.client').client.HTTPConnection('localhost', {tcp.port}).request('GET', '/')",
            f"__import__('smtplib').SMTP('127.0.0.1', {tcp.port})",
            f"__import__('socket').socket().connect_ex(('127.0.0.1', {tcp.port}))",
            f"__import__('asyncio').run(__import__('asyncio').open_connection('127.0.0.1', {tcp.port}))",
            f"__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', {udp.port}))",
            f"__import__('socket').socket(2, 2).sendmsg([b'x'], [], 0, ('127.0.0.1', {udp.port}))",
            f"__import__('socket').socket(1).connect({str(tmp_path / 's')!r})",
            "__import__('socket').getaddrinfo('api.example.com', 443)",
            "__import__('socket').gethostbyname('api.example.com')",
            "__import__('socket').gethostbyaddr('192.0.2.1')",
            "__import__('socket').getnameinfo(('192.0.2.1', 80), 0)",
            "__import__('socket').socket(10).connect(('2001:db8::1', 80))",
        )
        outcome = act(tmp_path / "repo", attempts(*deeds), allow=("127.0.0.1:1", "localhost:1", "elsewhere.example.com:443"))
    assert (tcp.lines, udp.lines, unix.lines) == ([], [], [])
    connection = f"a connection to 127.0.0.1:{tcp.port}"
    datagram = f"a connection to 127.0.0.1:{udp.port}"
    whats = [connection] * 5 + [datagram] * 2 + [f"a connection to the socket {tmp_path / 's'}"]
    whats += ["a look-up of api.example.com:443", "a look-up of api.example.com", *["a look-up of 192.0.2.1"] * 2]
    whats += ["a connection to [2001:db8::1]:80"]
    for what, value in zip(whats, outcome.value, strict=True):
        assert f"the trial of the migrations refuses {what} (acting.py:" in value
    assert outcome.value[3].startswith("Refused: ")
    places = [(one.what, one.path) for one in outcome.refused]
    assert {what for what, _ in places} == set(whats) and {path for _, path in places} == {"acting.py"}
    allowed = {one.what: one.allow for one in outcome.refused}
    assert allowed[connection] == f"127.0.0.1:{tcp.port}" and allowed["a look-up of api.example.com:443"] == "api.example.com:443"
    assert outcome.refused[0].remedy == f'if the trial may do it, say so in moves.yml: trial: {{allow: ["127.0.0.1:{tcp.port}"]}}'


def test_other_programs(tmp_path: Path) -> None:
    touch = f"touch {tmp_path / 'made'}"
    deeds = (
        f"__import__('subprocess').run({touch.split()!r})",
        f"__import__('subprocess').run({touch!r}, shell=True)",
        f"__import__('os').system({touch!r})",
        f"__import__('os').popen({touch!r}).close()",
        f"__import__('os').posix_spawn('/bin/touch', {touch.split()!r}, {{}})",
        f"__import__('os').spawnv(0, '/bin/touch', {touch.split()!r})",
        f"__import__('os').execv('/bin/touch', {touch.split()!r})",
        f"__import__('asyncio').run(__import__('asyncio').create_subprocess_exec(*{touch.split()!r}))",
        "__import__('multiprocessing').get_context('spawn').Process(target=print).start()",
    )
    outcome = act(tmp_path / "repo", attempts(*deeds))
    assert not (tmp_path / "made").exists()
    said = ["touch", "/bin/sh", "touch", "/bin/sh", "/bin/touch", "127", "/bin/touch", "touch"]  # a forked process ends by 127
    for what, value in zip(said, outcome.value, strict=False):
        assert value == "127" or value.startswith(f"Refused: the trial of the migrations refuses the program {what} (acting.py:")
    assert outcome.value[-1].startswith("Refused: the trial of the migrations refuses the program ")
    assert {one.what for one in outcome.refused} >= {"the program touch", "the program /bin/touch", "the program /bin/sh"}
    assert {(one.path, one.program) for one in outcome.refused} >= {("acting.py", "touch"), ("acting.py", "sh")}


@pytest.mark.parametrize("code", [
    """
    import threading

    def deed():
        try:
            urllib.request.urlopen(URL)
        except Exception:
            pass

    thread = threading.Thread(target=deed)
    thread.start()
    thread.join()
    """,
    """
    import os

    child = os.fork()
    if not child:
        try:
            urllib.request.urlopen(URL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    """,
    """
    try:
        urllib.request.urlopen(URL)
    except Exception:
        pass
    """,
])
def test_what_nobody_hears_of_is_written_down(tmp_path: Path, code: str) -> None:
    with sink() as seen:
        head = f"    import urllib.request\n\n    URL = 'http://127.0.0.1:{seen.port}/'\n    value = 1\n"
        outcome = act(tmp_path, head + code)
    assert seen.lines == [] and outcome.value == 1
    assert [(one.what, one.path) for one in outcome.refused] == [(f"a connection to 127.0.0.1:{seen.port}", "acting.py")]
    assert outcome.refused[0].line > 4


def test_from_the_first_line_of_the_settings(tmp_path: Path) -> None:
    with sink() as seen:
        outcome = act(tmp_path, "from django.conf import settings\n\nvalue = settings.WHY\n", f"""
            import urllib.request

            try:
                WHY = urllib.request.urlopen("http://127.0.0.1:{seen.port}/").status
            except Exception as error:
                WHY = str(error)
        """)
    assert seen.lines == []
    assert f"the trial of the migrations refuses a connection to 127.0.0.1:{seen.port} (shop/settings.py:" in outcome.value
    assert [one.path for one in outcome.refused] == ["shop/settings.py"]


def test_a_library_that_connects_in_c(tmp_path: Path) -> None:
    """Known by its name; loaded before, within a function, or only looked for."""
    code = TRYING + """\
import importlib.util

there = importlib.util.find_spec("pycurl") is not None
import grpc
import pycurl

value = [there, outcome(pycurl.Curl), outcome(lambda: grpc.insecure_channel("x:1")), pycurl.version]
"""
    libraries = {"pycurl.py": "version = '7'\n\n\nclass Curl:\n    pass\n", "grpc/__init__.py": "def insecure_channel(target):\n    return target\n"}
    outcome = act(tmp_path, code, "import grpc\n", libraries)
    assert outcome.value[0] is True and outcome.value[3] == "7"
    for what, value in zip(("pycurl.Curl", "grpc.insecure_channel"), outcome.value[1:3], strict=True):
        assert f"refuses {what}, which connects unseen (acting.py:" in value
