"""The world outside of a trial: servers on the loopback that write down who comes, and a booted project to come from."""

from __future__ import annotations

import json
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from migration.django.process import PROBE, Refusal, refusals
from tests.django_projects import PYTHON, project, write


@dataclass
class Sink:
    """A server that says nothing; ``lines`` holds a line for each connection and datagram."""

    port: int = 0
    lines: list[str] = field(default_factory=list)


@contextmanager
def sink(greeting: bytes = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n") -> Iterator[Sink]:
    """A TCP server on the loopback until the end of the block; it answers anything by ``greeting``."""
    seen = Sink()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(5)
            seen.lines.append("connected")
            self.request.sendall(greeting)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        seen.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def datagrams() -> Iterator[Sink]:
    """The same for datagrams."""
    seen = Sink()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        seen.port = server.getsockname()[1]
        yield seen
        try:
            while True:
                seen.lines.append(server.recv(1000).decode())
        except TimeoutError:
            pass


@contextmanager
def listening(path: Path) -> Iterator[Sink]:
    """The same for a socket of the file system."""
    seen = Sink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(0.05)
        yield seen
        try:
            while True:
                server.accept()[0].close()
                seen.lines.append("connected")
        except TimeoutError:
            pass


@dataclass(frozen=True)
class Outcome:
    """What code in a booted trial came to.

    :param value: what it left in ``value``, as plain JSON values.
    :param refused: what was written down.
    """

    value: Any
    refused: tuple[Refusal, ...]

    @property
    def said(self) -> list[str]:
        """What was refused, without the places."""
        return [f"{one.how}: {one.what}" for one in self.refused]


DRIVER = """\
import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("probe", sys.argv[1])
probe = importlib.util.module_from_spec(spec)
spec.loader.exec_module(probe)
sys.path.insert(0, ".")
request = json.loads(sys.argv[2])
_, guard = probe.boot_quietly(request)
if request["database"]:
    run_of = {"token": "0" * 32, "product": "acting", "checkout": "", "host": ""}
    asked = ("test_phased_acting", request["verify"]["directory"], run_of, guard, probe.helper)
    probe.helper("throwaway_databases").Databases(*asked).make("filled")
import acting

print(json.dumps(acting.value))
"""


def act(
    repo: Path, code: str, settings: str = "", files: Mapping[str, str] | None = None, *,
    allow: tuple[str, ...] = (), programs: tuple[str, ...] = (), database: bool = False,
) -> Outcome:
    """Let code of a small project run where a trial has just started Django.

    :param code: leaves its outcome in ``value``.
    :param database: whether it needs one; it is empty then.
    :param settings: appended to those of the project.
    """  # fmt: skip
    directory = repo / "trial"
    directory.mkdir(parents=True)
    write(repo, project((), {"acting.py": dedent(code), **(files or {})}))
    with (repo / "shop/settings.py").open("a") as stream:
        stream.write(dedent(settings))
    asked = {"allow": list(allow), "programs": list(programs), "directory": str(directory)}
    done = subprocess.run(
        [PYTHON, "-c", DRIVER, str(PROBE), json.dumps({"verify": asked, "absent": "", "database": database})],
        cwd=repo, env={"DJANGO_SETTINGS_MODULE": "shop.settings", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Outcome(json.loads(done.stdout), refusals(directory))
