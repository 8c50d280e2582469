"""The benchmark's generator gives what it is asked for, and its tree is one that tools agree on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.bench import django_share, peers
from tests.bench.__main__ import Row, django_targets, targets
from tests.bench.check import imports, new_path, problems
from tests.bench.django_share import Share
from tests.bench.generate import SOURCE, TARGET, TINY, WORD, Generated, Monolith, write
from tests.bench.measure import CommandFailed, Sample, Step, run


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    repo = tmp_path_factory.mktemp("monolith") / "repo"
    monolith = Monolith(TINY, seed=1)
    write(monolith, repo)
    return Generated(repo, TINY, tuple(monolith.changing))


def moved(tree: Generated, peer: peers.Peer, place: Path) -> Path:
    """A copy of the tree that a peer has moved."""
    run([Step(["git", "clone", "-q", str(tree.repo), str(place)], place.parent)])
    run(peer.steps(place))
    return place


def named(repo: Path, path: str) -> set[tuple[str, tuple[str, ...]]]:
    """What the absolute imports of a file take from the package at its new place."""
    text = (repo / path).read_text()
    return {one[1:] for one in imports(text, "-") if one[1] == TARGET or one[1].startswith(TARGET + ".")}


def test_the_same_seed_gives_the_same_tree() -> None:
    assert list(Monolith(TINY, seed=1).files()) == list(Monolith(TINY, seed=1).files())
    assert list(Monolith(TINY, seed=1).files()) != list(Monolith(TINY, seed=2).files())


def test_the_figures_are_as_asked_for(tree: Generated) -> None:
    texts = {str(path.relative_to(tree.repo)): path.read_text() for path in tree.repo.rglob("*.py")}
    assert len(texts) == TINY.files
    assert sum(WORD in text for text in texts.values()) == TINY.mentions
    assert len(tree.changing) == TINY.changes and set(tree.changing) <= set(texts)
    assert sum(path.startswith(SOURCE.replace(".", "/") + "/") for path in texts) == TINY.moved
    assert sum(map(len, texts.values())) == pytest.approx(TINY.size, rel=0.1)


def test_every_file_parses(tree: Generated) -> None:
    for path in tree.repo.rglob("*.py"):
        ast.parse(path.read_text(), str(path))


def test_the_tool_and_sed_agree_on_absolute_imports(tree: Generated, tmp_path: Path) -> None:
    sed = peers.sed()
    if sed.missing:
        pytest.skip(sed.missing)
    ours = moved(tree, peers.ours(peers.tool_home(tmp_path / "home")), tmp_path / "ours")
    theirs = moved(tree, sed, tmp_path / "sed")
    assert problems(tree, ours) == []
    paths = [new_path(path) for path in tree.changing]
    # Ours also follow the relative ones.
    assert all(named(theirs, path) <= named(ours, path) for path in paths)
    assert sum(len(named(theirs, path)) for path in paths) >= TINY.changes


def test_the_check_sees_what_is_wrong(tree: Generated, tmp_path: Path) -> None:
    run([Step(["git", "clone", "-q", str(tree.repo), str(tmp_path / "copy")], tmp_path)])
    found = problems(tree, tmp_path / "copy")
    assert {f"{path}: should have changed" for path in tree.changing if new_path(path) == path} < set(found)
    assert f"{SOURCE.replace('.', '/')}/: is still there" in found
    assert sum(line.endswith("is not there") for line in found) == TINY.moved


def test_a_command_that_fails_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"exit code 1: .*not-a-command"):
        run([Step(["git", "not-a-command"], tmp_path)])
    assert run([Step(["git", "--version"], tmp_path, feeds=True), Step(["cat"], tmp_path)]).peak > 0


def test_at_most_one_boot_of_django_in_each_phase(tmp_path: Path) -> None:
    """Counted from outside: what stands for the interpreter notes each of its starts."""
    shares = django_share.measure(peers.tool_home(tmp_path / "home"), tmp_path)
    assert [(share.phase, share.boots) for share in shares] == [(phase, 1) for phase in django_share.DJANGO_PHASES]
    assert all(0 < share.django <= share.seconds + 0.01 for share in shares)


def test_what_is_to_be_reached() -> None:
    """Ten times as long as sed is just good enough, so is 80 times as fast as LibCST."""

    def row(peer: peers.Peer, seconds: float, peak: int = 1) -> Row:
        return Row(peer, [Sample(seconds, peak, cpu=seconds / 2)])

    ours = peers.Peer("ours", "", lambda repo: [])
    good = {"ours": row(ours, 1.0), "sed": row(peers.sed(), 0.1), "libcst": row(peers.libcst(), 80.0)}
    assert [met for met, _ in targets(good)] == [True, True, True]
    bad = {"ours": row(ours, 1.1, 200_000_000), "sed": row(peers.sed(), 0.1), "libcst": row(peers.libcst(), 80.0)}
    assert [met for met, _ in targets(bad)] == [False, False, False]
    assert [said for _, said in targets(bad)][:2] == [
        "80 times faster than LibCST: 73 (73 by the processors' seconds)",
        "at most 10 times as long as sed: 11.0 (11 by the processors' seconds)",
    ]
    assert targets({}) == [] == django_targets([])
    assert [met for met, _ in django_targets([Share("a", 2.0, 1.5, 1), Share("b", 2.0, 1.6, 1)])] == [True, True]
    assert [met for met, _ in django_targets([Share("a", 2.0, 1.5, 2), Share("b", 2.0, 1.4, 1)])] == [False, False]
