"""Which tracked files hold one of some words: git is asked once, narrower questions go to its answer."""

from __future__ import annotations

from collections.abc import Iterable

from migration.repo.git.git import Git


class Search:
    """Looks for words in the work tree, as it was when it was first asked for them."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._found: dict[frozenset[bytes], list[str]] = {}

    def __call__(self, needles: Iterable[bytes]) -> list[str]:
        """As :meth:`migration.repo.git.git.Git.grep`.

        :raises GitError: if git refuses.
        """
        words = frozenset(needles)
        known = next((known for known in tuple(self._found) if known >= words), None)  # others may ask meanwhile
        if known is None:
            self._found[words] = self.git.grep(sorted(words))
        elif known != words:
            self._found[words] = [path for path in self._found[known] if self._holds(path, words)]
        return self._found[words]

    def _holds(self, path: str, words: frozenset[bytes]) -> bool:
        """Whether a file of the answer to a wider question is one of the narrower one's."""
        try:
            with open(f"{self.git.root}/{path}", "rb") as stream:
                raw = stream.read()
        except FileNotFoundError:
            return False
        return any(word in raw for word in words)
