"""Running git in a checkout: which one it is, with what settings, and what an error says.

GitPython runs the commands; nothing here goes through a shell.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from migration.core.errors import GitError

if TYPE_CHECKING:
    from git.cmd import Git as Command

# Set while git runs a hook; they would send every command to another repository or index.
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")
# Whatever the configuration says: plain paths, no program of the repo's that watches files or checks
# signatures, and no hooks of the monolith's (but where people review what it does: in commits).
_SETTINGS = (
    "-c", "core.quotePath=false", "-c", "grep.fullName=false", "-c", "core.fsmonitor=false",
    "-c", "log.showSignature=false",
)  # fmt: skip
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_WRITING = frozenset({
    "add", "branch", "commit", "commit-tree", "hash-object", "mktree", "read-tree", "switch", "update-index",
    "update-ref", "write-tree",
})  # fmt: skip
# They would inherit the lock, and go on for long or for ever.
_NO_DAEMON = ("-c", "maintenance.auto=false", "-c", "gc.auto=0")


class GitProcess:
    """A git checkout with a work tree, in which commands are run.

    :param root: the directory that the user named.
    :ivar inherited: file descriptors that commands which write inherit (see :mod:`migration.repo.disk.lock`).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inherited: tuple[int, ...] = ()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The checkout at ``path``.

        :raises GitError: if there is none, or it is bare.
        """
        if not path.is_dir():
            raise GitError(f"repo: there is no directory {path}", "give repo=PATH of a git checkout")
        git = cls(path.resolve())
        questions = ("--is-bare-repository", "--is-inside-work-tree", "--show-object-format", "--show-prefix")
        code, out, err = git._try(["rev-parse", *questions, "--absolute-git-dir"])
        if code:
            reason = err.decode(errors="replace").strip()
            if "safe.directory" in reason:
                raise GitError(f"repo: git does not trust {path}: {reason}", "do what git's message says")
            raise GitError(
                f"repo: {path} is not a git checkout ({reason.partition(chr(10))[0] or 'git refused'})",
                "give repo=PATH of a git checkout, or make one there: git init && git add -A && git commit",
            )
        bare, inside, *more = out.removesuffix(b"\n").split(b"\n")
        if bare == b"true":
            raise GitError(
                f"repo: {path} is a bare repository, it has no files to move", "give repo=PATH of a checkout of it"
            )
        if inside != b"true":
            raise GitError(f"repo: {path} lies inside a git directory", "give repo=PATH of the checkout")
        if len(more) == 3:  # else there is a line end in a path: asked again, each alone
            git.algorithm, git.prefix, git.directory = more[0].decode(), os.fsdecode(more[1]), _path(more[2])
        return git

    @cached_property
    def _command(self) -> Command:
        for name in _FOREIGN:
            os.environ.pop(name, None)
        try:
            from git.cmd import Git as Command  # GitPython costs 0.1 s to import
        except ImportError as error:  # also what it raises where there is no git
            raise GitError(f"git can't be run: {str(error).strip().partition(chr(10))[0]}", "install git") from error
        return Command(str(self.root))

    def _try(
        self, args: Sequence[str], stdin: bytes = b"", *, hooks: bool = False, env: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, bytes]:
        """Run a git command: (exit code, output, what it printed on stderr).

        :raises GitError: if it can't be run, or is killed: that is no answer.
        :raises OSError: if its input can't be written to a temporary file, or the system has no process left.
        """
        git = self._command
        from git.exc import GitCommandNotFound

        writes = args[0] in _WRITING
        settings = (*_SETTINGS, *(() if hooks else _NO_HOOKS), *(_NO_DAEMON if writes else ()))
        command = ["git", "--no-optional-locks", *settings, *args]
        with tempfile.TemporaryFile() as stream:
            stream.write(stdin)
            stream.seek(0)
            try:
                code, out, err = git.execute(
                    command,
                    istream=stream,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    env=dict(env) if env else None,
                    pass_fds=self.inherited if writes else (),
                )
            except GitCommandNotFound as error:
                raise GitError(f"git can't be run: {error.__cause__}", "install git, or put it on PATH") from error
        if int(code) < 0:
            raise GitError(
                f"git {args[0]} was killed by signal {-int(code)} in {self.root}",
                "run the same command again (a killed process often means too little memory)",
            )
        raw_out = out if isinstance(out, bytes) else str(out).encode()
        raw_err = err if isinstance(err, bytes) else str(err).encode()
        return int(code), raw_out, raw_err

    def run(
        self, *args: str, stdin: bytes = b"", hooks: bool = False, env: Mapping[str, str] | None = None
    ) -> bytes:
        """What a git command prints.

        :param hooks: whether the monolith's own hooks run.
        :param env: variables beside those of the process.
        :raises GitError: with git's own words if it fails.
        """
        code, out, err = self._try(args, stdin, hooks=hooks, env=env)
        if code:
            words = err.decode(errors="replace").strip()
            remedy = "see git's message, then run the same command again"
            if ".lock" in words:
                remedy = "another git command is at work (or died and left the lock): wait for it, or remove the lock"
            raise GitError(f"git {args[0]} failed in {self.root}: {words}", remedy)
        return out

    @cached_property
    def prefix(self) -> str:
        """The path of :attr:`root` below the top of the checkout: ``""`` or ``"sub/"``."""
        return os.fsdecode(self.run("rev-parse", "--show-prefix").removesuffix(b"\n"))

    @cached_property
    def directory(self) -> Path:
        """The git directory of this work tree (of its own in a linked work tree)."""
        return _path(self.run("rev-parse", "--absolute-git-dir").removesuffix(b"\n"))

    @cached_property
    def common_directory(self) -> Path:
        """The git directory that all work trees share."""
        return (self.directory / self._common).resolve() if self._common else self.directory

    @cached_property
    def worktree_name(self) -> str:
        """What git calls this work tree: ``main``, or ``linked/`` and its name."""
        return f"linked/{self.directory.name}" if self._common else "main"

    @cached_property
    def _common(self) -> str:
        """What a linked work tree's own git directory says of the one that all share; empty in the main one."""
        try:
            return os.fsdecode((self.directory / "commondir").read_bytes().removesuffix(b"\n"))
        except FileNotFoundError:
            return ""

    @cached_property
    def algorithm(self) -> str:
        """The hash that names objects: ``sha1`` or ``sha256``."""
        return self.run("rev-parse", "--show-object-format").decode().strip()

    def setting(self, name: str) -> str:
        """The value of a setting; empty where there is none."""
        return self._try(["config", "--get", name])[1].decode(errors="replace").strip()


def _path(raw: bytes) -> Path:
    return Path(os.fsdecode(raw))
