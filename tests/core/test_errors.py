"""What went wrong, where, and what to do next: one text, whatever carries it."""

from __future__ import annotations

import copy
import errno
import os
import pickle
from pathlib import Path

import pytest

from migration.core import errors
from migration.core.errors import (
    BusyError,
    DjangoError,
    GitError,
    MigrationError,
    PhaseError,
    PlanError,
    RefusedError,
    UsageError,
    refused,
)

KINDS = [MigrationError, UsageError, PlanError, GitError, BusyError, PhaseError, DjangoError, RefusedError]


@pytest.mark.parametrize("error, text", [
    (MigrationError("a is gone", "bring it back"), "a is gone\n  -> bring it back"),
    (MigrationError("2 are gone", "look", ["b:2", "a:1"]), "2 are gone\n  b:2\n  a:1\n  -> look"),
    (MigrationError("ü {x} %s", "100 %", ("{0}",)), "ü {x} %s\n  {0}\n  -> 100 %"),
])
def test_nothing_in_the_text_is_lost_or_sorted(error: MigrationError, text: str) -> None:
    assert str(error) == text


def test_details_are_kept_as_they_were() -> None:
    lines = ["a"]
    error = PlanError("m", "r", lines)
    lines.append("b")
    assert error.details == ("a",)
    assert error.args == ("m",)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_copy_from_another_process_says_the_same(kind: type[MigrationError], again: object) -> None:
    error = kind("m", "r", ["a", "b"])
    other = again(error)  # type: ignore[operator]
    assert type(other) is kind
    assert (other.message, other.remedy, other.details, str(other)) == ("m", "r", ("a", "b"), str(error))


def test_one_handler_catches_all_of_them_and_none_catches_another() -> None:
    defined = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert set(defined) == set(KINDS)
    assert RefusedError.__bases__ == (DjangoError,)  # Django could not answer, for a reason of its own
    assert all(kind.__bases__ == (MigrationError,) for kind in KINDS[1:] if kind is not RefusedError)
    assert MigrationError.__bases__ == (Exception,)


@pytest.mark.parametrize(("code", "remedy"), [
    (errno.ENOSPC, "make room"), (errno.EACCES, "give yourself the right"), (errno.EROFS, "give yourself the right"),
    (errno.EIO, "that disk is well"), (errno.EAGAIN, "end other programs"), (errno.ENOENT, "see to that"),
])
def test_what_the_system_refuses_names_the_file_and_the_remedy(code: int, remedy: str) -> None:
    error = refused(OSError(code, os.strerror(code), "a/b.py"))
    assert error.message == f"a/b.py: {os.strerror(code)}"
    assert remedy in error.remedy and error.remedy.endswith("then run the same command again")


def test_two_files_one_or_none(tmp_path: Path) -> None:
    with pytest.raises(OSError) as real:
        (tmp_path / "a").rename(tmp_path / "b")
    assert refused(real.value).message == f"{tmp_path}/a -> {tmp_path}/b: No such file or directory"
    assert refused(OSError("no number")).message == "no number"
    assert refused(OSError()).message == "OSError"
