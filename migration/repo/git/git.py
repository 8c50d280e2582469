"""What we ask of git, in few processes and always with NUL-separated paths.

All paths are relative to the directory the user named (:attr:`Git.root`), which may lie below the top
of the checkout. How the commands are run is the business of :mod:`migration.repo.git.process`.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from migration.core.errors import GitError
from migration.repo.git.conflict_markers import first_line
from migration.repo.git.entries import SYMLINK, IndexEntry
from migration.repo.git.merge import lines_in_conflict, lines_to_words, merge_changes, words_to_lines
from migration.repo.git.process import GitProcess

_GREP = ("-l", "-z", "-F", "--no-color", "--no-recurse-submodules")
_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


class Git(GitProcess):
    """A git checkout with a work tree: its files and index, its commits and its blobs.

    :param root: the directory that the user named.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._listed: tuple[tuple[int, int, int], dict[str, IndexEntry]] | None = None
        self._sparse: frozenset[str] = frozenset()

    def oid_of(self, data: bytes) -> str:
        """The id under which git stores ``data`` as a blob (no filters applied)."""
        return hashlib.new(self.algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    def listing(self) -> dict[str, IndexEntry]:
        """All tracked files below the root, submodules included, sorted by path.

        :raises GitError: if there are unmerged files.
        """
        stamp = self._index_stamp()
        if stamp is not None and self._listed is not None and self._listed[0] == stamp:
            return self._listed[1]
        found: dict[str, IndexEntry] = {}
        unmerged: list[str] = []
        sparse = []
        for line in os.fsdecode(self.run("ls-files", "-s", "-t", "-z")).split("\0")[:-1]:
            meta, _, path = line.partition("\t")
            tag, mode, oid, stage = meta.split(" ")
            if tag == "S":
                sparse.append(path)
            if stage != "0":
                unmerged.append(path)
            found[path] = IndexEntry(mode, oid)
        if unmerged:
            raise GitError(
                f"{self.root} has unmerged files", "finish the merge first (git status shows it)",
                [self._with_line(path) for path in sorted(set(unmerged))],
            )
        self._sparse = frozenset(sparse)
        listed = dict(sorted(found.items()))
        if stamp is not None and stamp == self._index_stamp():
            self._listed = stamp, listed
        return listed

    def committed(self, path: str) -> bytes | None:
        """The content of a file in the commit that is checked out, as it would be on disk; None where it has none."""
        if not self.run("ls-tree", "HEAD", _literal(path)):
            return None
        return self.run("cat-file", "--filters", f"HEAD:./{path}")

    def _with_line(self, path: str) -> str:
        """A file as people are told of it: with the line where a merge has left a conflict."""
        full = self.root / path
        line = first_line(full.read_bytes()) if full.is_file() and not full.is_symlink() else 0
        return f"{path}:{line}" if line else path

    def attribute(self, name: str, paths: Iterable[str]) -> dict[str, str]:
        """What gitattributes(5) say of some files: path -> value, where it has one."""
        listing = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if not listing:
            return {}
        words = os.fsdecode(self.run("check-attr", "-z", "--stdin", name, stdin=listing)).split("\0")
        found = zip(words[::3], words[2::3], strict=False)
        return {path: value for path, value in found if value != "unspecified"}

    def left_out(self) -> set[str]:
        """Tracked files that a sparse checkout leaves out of the work tree (git-sparse-checkout(1))."""
        self.listing()
        return {path for path in self._sparse if not os.path.lexists(self.root / path)}

    def _index_stamp(self) -> tuple[int, int, int] | None:
        """Tells two states of the index apart: git replaces the file whenever it writes it."""
        try:
            found = (self.directory / "index").stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def uncommitted(self) -> set[str]:
        """Tracked files whose index or work tree differs from HEAD, and files added but not committed.

        What a merge that is not committed yet has brought, and nobody has touched, is none of them.
        """
        out = self.run(
            "status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all", "."
        )
        top = len(os.fsencode(self.prefix))
        found = {os.fsdecode(line[3 + top :]): line[1:2] for line in out.split(b"\0") if line}
        brought = self._brought() if found and self.merging() else {}
        staged = self.listing() if brought else {}
        return {path for path, there in found.items() if there != b" " or staged.get(path) not in brought.get(path, ())}

    def _brought(self) -> dict[str, set[IndexEntry]]:
        """The files of the commits that are being merged: nobody has to commit what these hold."""
        found: dict[str, set[IndexEntry]] = {}
        for commit in self.merging():
            for path, entry in (self.files_of(commit) or {}).items():
                found.setdefault(path, set()).add(entry)
        return found

    def untracked(self, directory: str) -> tuple[list[str], list[str]]:
        """Files below ``directory`` that git does not track: (unknown ones, ignored ones)."""
        found: list[list[str]] = []
        for extra in ([], ["--ignored"]):
            out = self.run("ls-files", "-z", "--others", "--exclude-standard", *extra, "--", _literal(directory))
            found.append([os.fsdecode(line) for line in out.split(b"\0") if line])
        return found[0], found[1]

    def grep(self, needles: Iterable[bytes], *, index: bool = False) -> list[str]:
        """Tracked files of the work tree that hold one of the byte strings (binary files included).

        :param index: look at what the index holds instead.
        """
        patterns = [word for needle in needles for word in ("-e", os.fsdecode(needle))]
        if not patterns:
            return []
        code, out, err = self._try(["grep", *(["--cached"] if index else []), *_GREP, *patterns])
        if code > 1:
            raise GitError(f"git grep failed: {err.decode(errors='replace').strip()}", "see git's message")
        return [os.fsdecode(line) for line in out.split(b"\0") if line]

    def heads(self) -> tuple[str, ...]:
        """The commit that is checked out, and those that are being merged into it; none before the first commit."""
        if commit := self._head_in_file():
            return (commit, *self.merging())
        code, out, _ = self._try(["rev-parse", "-q", "--verify", "HEAD^{commit}"])
        if code:
            return ()
        return (out.decode().strip(), *self.merging())

    def _head_in_file(self) -> str:
        """The commit that is checked out, where it stands in a file (gitrepository-layout(5)); else ``""``."""
        try:
            said = (self.directory / "HEAD").read_text(encoding="utf-8").strip()
            if said.startswith("ref: "):
                said = self._ref_in_file(said.removeprefix("ref: "))
        except (OSError, UnicodeDecodeError):
            return ""
        return said if _COMMIT.fullmatch(said) else ""

    def _ref_in_file(self, ref: str) -> str:
        """What a ref says: in a file of its own, or among those that are packed (git-pack-refs(1)).

        :raises OSError: if neither file is there.
        """
        try:
            return (self.common_directory / ref).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            packed = os.fsdecode((self.common_directory / "packed-refs").read_bytes())
        found = re.search(rf"^(\S+) {re.escape(ref)}$", packed, re.M)
        return found[1] if found else ""

    def merging(self) -> list[str]:
        """The commits that are being merged, while the merge is not committed."""
        try:
            return (self.directory / "MERGE_HEAD").read_text(encoding="ascii").split()
        except FileNotFoundError:
            return []

    def history(self, heads: Iterable[str], known: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Commit -> its parents, for all that lead to ``heads`` and not to ``known``.

        Those behind which nothing is listed are there too, without parents.
        """
        words = ["rev-list", "--ignore-missing", "--parents", "--boundary", *heads, "--not", *known]
        found: dict[str, tuple[str, ...]] = {}
        for line in self.run(*words).decode().splitlines():
            commit, *parents = line.split()
            if commit.startswith("-"):
                found[commit[1:]] = ()
            else:
                found[commit] = tuple(parents)
        return found

    def history_of(self, head: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Commit -> the next ones before it, for all that lead to ``head`` and change one of some files, or merge."""
        words = ["rev-list", "--topo-order", "--full-history", "--parents", head, "--", *map(_literal, paths)]
        lines = (line.split() for line in self.run(*words).decode().splitlines())
        return {commit: tuple(parents) for commit, *parents in lines}

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit; none where it has none, or a shallow clone ends there."""
        return tuple(self.run("rev-list", "-1", "--parents", commit).decode().split()[1:])

    def independent(self, commits: Sequence[str]) -> tuple[str, ...]:
        """Those of some commits that no other of them can reach."""
        if len(commits) < 2:
            return tuple(commits)
        return tuple(sorted(self.run("merge-base", "--independent", *commits).decode().split()))

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether a commit is, or leads to, another one; not where it is not there any more."""
        return commit == of or self._try(["merge-base", "--is-ancestor", commit, of])[0] == 0

    def is_on_a_branch(self, commit: str) -> bool:
        """Whether a branch or a tag, here or as fetched, holds a commit."""
        refs = ("refs/heads", "refs/remotes", "refs/tags")
        code, out, _ = self._try(["for-each-ref", "--count=1", f"--contains={commit}", *refs])
        return code == 0 and bool(out)

    def common(self, commits: Sequence[str]) -> str | None:
        """The best common ancestor of some commits, if they have one."""
        code, out, _ = self._try(["merge-base", "--octopus", *commits])
        return None if code else out.decode().split()[0]

    def fork(self, commit: str, others: Sequence[str]) -> str | None:
        """The best common ancestor of a commit and a merge of others, if they have one."""
        code, out, _ = self._try(["merge-base", commit, *others])
        return None if code else out.decode().split()[0]

    def holds(self, commits: Iterable[str], paths: Sequence[str]) -> dict[str, list[str]]:
        """Commit -> for each path the blob that the commit has there; empty where it has none."""
        wanted = list(commits)
        asked = "".join(f"{commit}:{self.prefix}{path}\n" for commit in wanted for path in paths)
        out = self.run("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=os.fsencode(asked)).splitlines()
        there = [line[5:].decode() if line.startswith(b"blob ") else "" for line in out]
        return {commit: there[at * len(paths) : (at + 1) * len(paths)] for at, commit in enumerate(wanted)}

    def files_of(self, commit: str) -> dict[str, IndexEntry] | None:
        """Every file of a commit below the root; None where the commit is not there any more."""
        code, out, _ = self._try(["ls-tree", "-r", "-z", commit])
        if code:
            return None
        found = {}
        for line in os.fsdecode(out).split("\0")[:-1]:
            meta, _, path = line.partition("\t")
            mode, _, oid = meta.split(" ")
            found[path] = IndexEntry(mode, oid)
        return found

    def renamed(self, old: str, new: str) -> dict[str, str]:
        """What git takes for renames between two commits: path -> path, below the root."""
        words = ["diff-tree", "-r", "-z", "-M", "-l0", "--diff-filter=R", "--name-status", "--relative", old, new]
        fields = os.fsdecode(self.run(*words)).split("\0")
        return {fields[at + 1]: fields[at + 2] for at in range(0, len(fields) - 2, 3)}

    def checked_out(self, path: str, entry: IndexEntry) -> bytes:
        """What a checkout writes to disk for a blob at ``path`` (line ends, filters)."""
        if entry.mode == SYMLINK:
            return self.read([entry.oid])[entry.oid]
        return self.run("cat-file", "--filters", f"--path={self.prefix}{path}", entry.oid)

    def all_checked_out(self, entries: Mapping[str, IndexEntry]) -> dict[str, bytes]:
        """The same for many files: path -> what a checkout writes; few processes where nothing is converted."""
        names = ("filter", "ident", "text", "eol", "crlf", "working-tree-encoding")
        converted = {path for name in names for path in self.attribute(name, entries)}
        if self.setting("core.autocrlf") == "true":
            converted = {*entries}
        plain = self.read(entry.oid for path, entry in entries.items() if path not in converted)
        return {
            path: self.checked_out(path, entry) if path in converted else plain[entry.oid]
            for path, entry in entries.items()
        }

    def is_shallow(self) -> bool:
        """Whether the history ends before its beginning (git-clone(1), ``--depth``)."""
        return (self.common_directory / "shallow").exists()

    def store(self, blobs: Mapping[str, bytes]) -> None:
        """Write blobs (id -> content) into the object store."""
        if not blobs:
            return
        stream = b"".join(b"blob\ndata %d\n%b\n" % (len(data), data) for data in blobs.values())
        # No search for what one blob has in common with another: gc will do that.
        self.run("-c", "pack.compression=1", "fast-import", "--quiet", "--depth=0", stdin=stream)

    def read(self, oids: Iterable[str]) -> dict[str, bytes]:
        """The content of blobs, in one process.

        :raises GitError: if one is missing.
        """
        wanted = sorted(set(oids))
        if not wanted:
            return {}
        out = self.run("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in wanted).encode())
        found: dict[str, bytes] = {}
        position = 0
        for oid in wanted:
            end = out.index(b"\n", position)
            header = out[position:end].split()
            if header[1] == b"missing":
                raise GitError(f"object {oid} is missing from {self.root}", "restore the repository from a clone")
            size = int(header[2])
            found[oid] = out[end + 1 : end + 1 + size]
            position = end + 1 + size + 1
        return found

    def keep(self, ref: str, oids: Iterable[str]) -> None:
        """Make ``ref`` name a tree of these blobs, so that gc leaves them alone; none removes the ref."""
        names = sorted(set(oids))
        if not names:
            self.run("update-ref", "-d", ref)
            return
        listing = b"".join(f"100644 blob {oid}\t{oid}\0".encode() for oid in names)
        tree = self.run("mktree", "-z", stdin=listing).decode().strip()
        self.run("update-ref", ref, tree)

    def unlock(self, ref: str) -> None:
        """Take away the lock that a killed git has left on a ref that nobody but us writes."""
        (self.common_directory / f"{ref}.lock").unlink(missing_ok=True)

    def update_index(self, entries: Mapping[str, IndexEntry | None], index: Path | None = None) -> None:
        """Set (or with None remove) entries of an index, all in one process, and refresh it.

        :param index: the file; None stands for the checkout's own (see :mod:`migration.repo.git.index`).
        """
        if not entries:
            return
        env = {"GIT_INDEX_FILE": str(index)} if index else None
        width = 40 if self.algorithm == "sha1" else 64
        lines = []
        # Removals first: a file may give way to a directory of its name.
        for path, entry in sorted(entries.items(), key=lambda item: (item[1] is not None, item[0])):
            mode, oid = (entry.mode, entry.oid) if entry else ("0", "0" * width)
            lines.append(f"{mode} {oid}\t".encode() + os.fsencode(self.prefix + path) + b"\0")
        self.run("update-index", "-z", "--index-info", stdin=b"".join(lines), env=env)
        self._try(["update-index", "-q", "--refresh"], env=env)  # fails where files are changed, which may be

    def merge_file(self, mine: bytes, base: bytes, theirs: bytes, favour: str = "") -> tuple[bytes, bool]:
        """git's own three-way merge of one text: (result, whether it is without conflict).

        :param favour: the side that a conflict is decided for: ``ours``, ``theirs``, or none.
        """
        with tempfile.TemporaryDirectory() as directory:
            names = []
            for name, data in (("mine", mine), ("base", base), ("theirs", theirs)):
                Path(directory, name).write_bytes(data)
                names.append(str(Path(directory, name)))
            how = f"--{favour}" if favour else "--diff3"
            code, out, err = self._try(["merge-file", "-p", "-q", how, *names])
        if not 0 <= code <= 127:
            raise GitError(f"git merge-file failed: {err.decode(errors='replace').strip()}", "see git's message")
        return out, code == 0

    def merge_words(self, mine: bytes, base: bytes, theirs: bytes) -> tuple[bytes, list[int]]:
        """A three-way merge, by lines, else word by word: (result, lines of ``mine`` that are in conflict).

        Binary content is never mixed: it conflicts on line 1 unless only one side changed it.
        """
        if mine in (base, theirs):
            return theirs, []
        if base == theirs:
            return mine, []
        if any(b"\0" in data for data in (mine, base, theirs)):
            return b"", [1]
        merged, clean = self.merge_file(mine, base, theirs)
        if clean:
            return merged, []
        merged, clean = self.merge_file(words_to_lines(mine), words_to_lines(base), words_to_lines(theirs))
        if clean:
            return lines_to_words(merged), []
        touching = merge_changes(mine, base, theirs)
        if touching is not None:
            return touching, []
        return b"", lines_in_conflict(mine, merged)


def _literal(path: str) -> str:
    return f":(literal){path}"
