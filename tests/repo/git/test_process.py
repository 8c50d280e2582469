"""Which checkout it is, and what is said where git can't answer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.git.git import Git
from tests.tools import Link, Script, git, make_repo, put


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {"a.py": "x = 1\n", "sub/b.py": "y\n", "run": Script("x"), "to": Link("a.py")})


def test_no_checkouts(tmp_path: Path, repo: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")
    (tmp_path / "plain").mkdir()
    for path, words in (("none", "no directory"), ("plain", "not a git checkout"), ("bare", "bare repository"),
                        ("repo/.git", "inside a git directory"), ("repo/a.py", "no directory")):
        with pytest.raises(GitError, match=words) as error:
            Git.open(tmp_path / path)
        assert str(tmp_path) in str(error.value) and error.value.remedy


def test_variables_of_a_hook_do_not_lead_elsewhere(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_repo(tmp_path / "other", {"z": ""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert "a.py" in Git.open(repo).listing()


def test_where_it_is(repo: Path) -> None:
    assert (Git.open(repo).prefix, Git.open(repo / "sub").prefix) == ("", "sub/")
    assert Git.open(repo / "sub").directory == repo / ".git"
    assert Git.open(repo).worktree_name == "main"
    git(repo, "worktree", "add", "-q", "-b", "other", "../linked tree")
    assert Git.open(repo.parent / "linked tree").worktree_name == "linked/linked-tree"


def test_an_error_is_in_gits_words(repo: Path) -> None:
    with pytest.raises(GitError, match="git cat-file failed"):
        Git.open(repo).run("cat-file", "-t", "nothing")
    put(repo, {".git/index.lock": ""})
    with pytest.raises(GitError, match=r"index\.lock") as error:
        Git.open(repo).update_index({"a.py": None})
    assert "remove the lock" in error.value.remedy


@pytest.mark.parametrize("call", ["grep", "ls-files"])
def test_a_git_that_is_killed_has_not_said_that_there_is_nothing(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    put(tmp_path, {"bin/git": Script(f'#!/bin/sh\ncase "$*" in *{call}*) kill -9 $$;; esac\nexec {shutil.which("git")} "$@"\n')})
    found = Git.open(repo)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    with pytest.raises(GitError, match=f"git {call} was killed by signal 9"):
        found.grep([b"x"])
        found.listing()


def test_no_git_at_all(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Git.open(repo)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(GitError, match="git can't be run") as error:
        found.listing()
    assert "install git" in error.value.remedy


def test_hooks_of_the_repo_are_not_run(repo: Path) -> None:
    for name in ("reference-transaction", "post-index-change", "pre-commit"):
        put(repo, {f".git/hooks/{name}": Script("#!/bin/sh\nexit 1\n")})
    found = Git.open(repo)
    found.store({found.oid_of(b"x"): b"x"})
    found.keep("refs/x/y", [found.oid_of(b"x")])
    found.update_index({"a.py": None})


@pytest.mark.parametrize("setting", ["core.fsmonitor", "core.hooksPath", "core.pager", "core.editor", "core.sshCommand", "gpg.program"])
def test_no_program_of_the_repo_s_own_configuration_is_run(repo: Path, tmp_path: Path, setting: str) -> None:
    put(tmp_path, {"evil": Script(f"#!/bin/sh\necho {setting} >> {tmp_path}/ran\n")})
    git(repo, "config", setting, str(tmp_path / "evil"))
    git(repo, "config", "log.showSignature", "true")
    git(repo, "config", "alias.status", f"!{tmp_path}/evil")
    (repo / "a.py").write_text("x = 2\n")
    found = Git.open(repo)
    assert found.uncommitted() == {"a.py"}
    assert found.run("log", "-1", "--format=%s", "HEAD") == b"x\n"
    found.update_index({"a.py": None})
    assert not (tmp_path / "ran").exists()
