"""Moves that people once made by hand, made again by the tool and compared with theirs.

``python -m tests.real.replays [NAME …]`` prints the table of all, or of those named, and with
``--list`` every place that is not simply the same. Both releases come from the package index as
source distributions; where people put each file is read off their release.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import yaml

from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.names import is_python
from migration.engine.import_check import check_tree
from migration.engine.residue import find
from migration.phases.scan_moves import scan
from migration.plan import writing
from migration.plan.plan import App, Plan
from migration.repo.tree.project import Project
from tests.real.codebases import IGNORED, cache, commit_all, git, run
from tests.real.comparison import VERDICTS, Comparison, Judged, State, summary
from tests.real.test_wagtail import copy_tool

PHASES = ("scan_moves", "prepare_structure", "move_files", "update_imports")
PRODUCT = "replay"
_PLACE = re.compile(r"(?P<path>\S+):\d+: (?P<name>\S+): ")


@dataclass(frozen=True)
class Release:
    """A source distribution on the package index."""

    name: str
    version: str

    @cached_property
    def tree(self) -> Path:
        """Its unpacked files. Built aside, then renamed: whole or not there."""
        home = cache() / "releases"
        place = home / f"{self.name}-{self.version}"
        if not place.exists():
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=home) as aside:
                pinned = f"{self.name}=={self.version}"
                pip = [_pip(), "--quiet", "--disable-pip-version-check", "download", "--no-deps", "--no-binary", ":all:"]
                run([*pip, "--dest", aside, pinned], home)
                (archive,) = Path(aside).glob("*.tar.gz")
                with tarfile.open(archive) as tar:
                    tar.extractall(Path(aside) / "unpacked", filter="data")
                (root,) = (Path(aside) / "unpacked").iterdir()
                for built in (root / "PKG-INFO", *root.glob("**/*.egg-info")):
                    shutil.rmtree(built) if built.is_dir() else built.unlink(missing_ok=True)
                root.rename(place)
        return place

    def files(self, ending: str = "") -> dict[str, bytes]:
        """Path -> bytes of its plain files."""
        found = (path for path in sorted(self.tree.rglob(f"*{ending}")) if path.is_file() and not path.is_symlink())
        return {path.relative_to(self.tree).as_posix(): path.read_bytes() for path in found}


@dataclass(frozen=True)
class Replay:
    """A move between two releases.

    :param moves: the packages and modules that moved, dotted, before and after; the first is the plan's own.
    :param placed: where people put files otherwise, or of other packages: patterns of paths before the
        move -> the path after it. A pattern counts where the path is one of their release, and no file
        of the release before.
    :param stays: patterns of files under the source that people left.
    :param roots: the directories on ``sys.path``, where they can't be found by looking.
    :param known: a pattern of places that the tool is known to leave, and why it does.
    """

    name: str
    old: str
    new: str
    moves: tuple[tuple[str, str], ...]
    placed: tuple[tuple[str, str], ...] = ()
    stays: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    known: tuple[str, str] = ("(?!)", "")

    @property
    def id(self) -> str:
        """What stands for it in lists."""
        return f"{self.name} {self.old} -> {self.new}"


@dataclass(frozen=True)
class Result:
    """What came of a replay.

    :param seconds: of processor time, in all processes of the tool.
    :param peak: the most memory that one process took, in MiB.
    :param dangling: imports that found something before and don't now.
    :param doubtful: what the tool left for a person, with its reasons.
    :param undecided: what names the old place still and has no reason to; files that people left aside.
    """

    replay: Replay
    python_files: int
    moved: int
    rewritten: int
    seconds: float
    peak: float
    judged: tuple[Judged, ...]
    dangling: tuple[str, ...]
    doubtful: tuple[str, ...]
    undecided: tuple[str, ...]


def play(replay: Replay, place: Path) -> Result:
    """Make the move by the tool in an empty directory, and compare."""
    repo, tool = place / "repo", copy_tool(place / "tool")
    old, new = Release(replay.name, replay.old), Release(replay.name, replay.new)
    run(["cp", "-a", old.tree, repo], place)
    commit_all(repo, replay.id, IGNORED)
    source, target = replay.moves[0]
    session = Session(Options(PRODUCT, repo, source, target, django=False), tool)
    plan = planned(replay, session.project("scan_moves", replay.roots or None), new)
    session.plan_path.parent.mkdir(parents=True)
    session.plan_path.write_text("# edited\n" + writing.render(plan))
    started = _spent()
    values = [f"product={PRODUCT}", f"source={source}", f"target={target}", f"repo={repo}", "django=no"]
    run([sys.executable, "-m", "doit", *values, *PHASES], tool)
    seconds = _spent() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    session = Session(Options(PRODUCT, repo, django=False), tool)
    project = session.project("residue", plan.roots)
    doubtful = tuple(_doubtful(session.plan_path.with_name("phase_tracker.yml").read_text()))
    return Result(
        replay,
        sum(is_python(path) for path in project.baseline),
        len(plan.file_moves),
        len(git(repo, "diff", "--name-only").splitlines()),
        seconds,
        peak,
        tuple(_listed(compared(plan, project, new), plan, doubtful)),
        tuple(map(str, check_tree(plan, project))),
        doubtful,
        tuple(str(item) for item in find(plan, project) if not item.decided and item.kind != "file"),
    )


def planned(replay: Replay, project: Project, later: Release) -> Plan:
    """The plan: what the scan says of each package, and the files where people put them."""
    theirs = {path.relative_to(later.tree).as_posix() for path in later.tree.rglob("*") if path.is_file()}
    plans = [scan(project, PRODUCT, *move, App("package"), django=False).plan for move in replay.moves]
    files = {old: new for plan in plans for old, new in plan.file_moves.items()}
    for path in project.baseline:
        for pattern, template in replay.placed:
            match = re.fullmatch(pattern, path)
            if match and (place := match.expand(template)) in theirs and place not in project.baseline:
                files[path] = place
                break
    staying = re.compile("|".join(replay.stays) or "(?!)")
    taken: dict[str, str] = {}
    for path, place in list(files.items()):
        there = place in project.baseline and place not in files and project.baseline.read(path).strip()
        if staying.fullmatch(path) or there or place in taken or path == place:
            del files[path]  # it would overwrite another
        taken.setdefault(place, path)
    return replace(
        plans[0],
        file_moves=dict(sorted(files.items())),
        module_moves={old: new for plan in plans for old, new in plan.module_moves.items()},
        symbol_remap={package: names for plan in plans for package, names in plan.symbol_remap.items()},
    )


def compared(plan: Plan, project: Project, later: Release) -> Iterator[Judged]:
    """The judgement of every file that is in both results."""
    roots = tuple(sorted(("" if root == "." else root for root in plan.roots), key=len, reverse=True))
    baseline, now = project.baseline, project.before
    before = State({path: baseline.read(path) for path in baseline if baseline.is_regular(path)}, roots)
    ours = State({path: now.read(path) for path in now if now.is_regular(path)}, roots)
    theirs = State(later.files(), roots)
    moved = {}
    for old, new in plan.file_moves.items():
        if old.endswith(".py") and before.module_of(old) and ours.module_of(new):
            moved[before.module_of(old)] = ours.module_of(new)
    left = {module for module in ours.modules if module not in moved.values()}
    moved = {old: new for old, new in moved.items() if old not in left and old != new}
    comparison = Comparison(before, ours, theirs, moved)
    for old in before.files:
        new = plan.new_path(old)
        later_path = next((path for path in (new, old) if path in theirs.files), None)
        if later_path and new in ours.files and b"\0" not in before.files[old][:8000]:
            yield from comparison.file(old, new, later_path)


def _listed(judged: Iterable[Judged], plan: Plan, doubtful: Sequence[str]) -> Iterator[Judged]:
    """The same judgement, where what was missed but listed for a person is called so."""
    back = {new: old for old, new in plan.file_moves.items()}
    for item in judged:
        places = {item.path, back.get(item.path, item.path)}
        said = [match for line in doubtful if (match := _PLACE.match(line)) and match["path"] in places]
        if item.verdict == "missed" and any(match["name"] in item.before for match in said):
            item = replace(item, verdict="listed")
        yield item


def table(results: Sequence[Result]) -> str:
    """What came of the replays, one line each."""
    heads = ("move", "Python files", "moved", "rewritten", "CPU seconds", "MiB", *VERDICTS, "dangling", "doubtful")
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for result in results:
        counts = summary(result.judged)
        cells = [result.replay.id, f"{result.python_files:,}", f"{result.moved:,}", f"{result.rewritten:,}"]
        cells += [f"{result.seconds:.1f}", f"{result.peak:.0f}", *(f"{counts[verdict]:,}" for verdict in VERDICTS)]
        lines.append("| " + " | ".join([*cells, str(len(result.dangling)), str(len(result.doubtful))]) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where something was missed or is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.real.replays", description=__doc__)
    parser.add_argument("names", nargs="*", help="words of the replays to make; all without")
    parser.add_argument("--list", action="store_true", help="print every place that is not simply the same")
    parser.add_argument("--keep", type=Path, help="a directory to make the moves in and leave them there")
    given = parser.parse_args(arguments)
    chosen = [replay for replay in REPLAYS if not given.names or any(name in replay.id for name in given.names)]
    results = []
    for replay in chosen:
        with tempfile.TemporaryDirectory() as aside:
            place = given.keep / replay.id.replace(" ", "_").replace(">", "") if given.keep else Path(aside)
            place.mkdir(parents=True, exist_ok=True)
            result = play(replay, place)
        results.append(result)
        if given.list:
            print(f"== {replay.id}")
            for item in (*(one for one in result.judged if one.verdict != "agree"),
                         *(f"dangling {one}" for one in result.dangling),
                         *(f"doubtful {one}" for one in result.doubtful),
                         *(f"undecided {one}" for one in result.undecided)):
                print(item)
    print(table(results))
    return int(any(result.dangling or any(one.verdict in ("missed", "wrong") for one in result.judged) for result in results))


def _spent() -> float:
    """The processor time that child processes have taken, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _doubtful(tracker: str) -> Iterator[str]:
    """What the phases behind the scan left for a person, as the tracker has it."""
    for phase in yaml.safe_load(tracker)["phases"][1:]:
        yield from map(str, phase.get("findings", ()))


def _pip() -> Path:
    """The pip of an environment of its own, with a setuptools that old releases get along with."""
    place = cache() / f"pip-py{sys.version_info.major}.{sys.version_info.minor}"
    if not (place / "pyvenv.cfg").exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        run([sys.executable, "-m", "venv", place], place.parent)
    return place / ("Scripts" if os.name == "nt" else "bin") / "pip"


_WAGTAIL_1 = {
    **{f"wagtail.wagtail{app}": f"wagtail.{app}"
       for app in ("core", "admin", "embeds", "images", "search", "sites", "snippets", "users")},
    "wagtail.wagtaildocs": "wagtail.documents",
    "wagtail.wagtailforms": "wagtail.contrib.forms",
    "wagtail.wagtailredirects": "wagtail.contrib.redirects",
    "wagtail.contrib.wagtailfrontendcache": "wagtail.contrib.frontend_cache",
    "wagtail.contrib.wagtailroutablepage": "wagtail.contrib.routable_page",
    "wagtail.contrib.wagtailsearchpromotions": "wagtail.contrib.search_promotions",
    "wagtail.contrib.wagtailsitemaps": "wagtail.contrib.sitemaps",
    "wagtail.contrib.wagtailstyleguide": "wagtail.contrib.styleguide",
}
_SUPERSET_COMMANDS = {
    "charts": "chart",
    **{"annotation_layers.annotations": "annotation_layer.annotation", "annotation_layers": "annotation_layer"},
    **{"charts.data": "chart.data", "css_templates": "css", "dashboards": "dashboard"},
    **{"dashboards.filter_sets": "dashboard.filter_set", "embedded_dashboard": "dashboard.embedded"},
    **{f"dashboards.{name}": f"dashboard.{name}" for name in ("filter_state", "permalink")},
    **{"databases": "database", "databases.ssh_tunnel": "database.ssh_tunnel", "datasets": "dataset"},
    **{f"datasets.{name}": f"dataset.{name}" for name in ("columns", "metrics")},
    **{name: name for name in ("explore", "explore.form_data", "explore.permalink", "key_value", "temporary_cache")},
    **{"queries.saved_queries": "query", "reports": "report", "row_level_security": "security"},
    **{"sqllab": "sql_lab", "tags": "tag"},
}
_SUPERSET_DAOS = {
    **{"annotation_layers": "annotation", "charts": "chart", "css_templates": "css", "dashboards": "dashboard"},
    **{"databases": "database", "datasets": "dataset", "datasource": "datasource", "views.log": "log"},
    **{"queries": "query", "reports": "report"},
}
_NAUTOBOT = "nautobot/utilities/"
REPLAYS = (
    Replay("wagtail", "1.13.4", "2.0.2", tuple(_WAGTAIL_1.items())),
    Replay(
        "wagtail", "2.16.3", "3.0.3",
        (("wagtail.core", "wagtail"), ("wagtail.admin.edit_handlers", "wagtail.admin.panels"),
         ("wagtail.tests", "wagtail.test")),
        ((r"wagtail/core/(utils)\.py", r"wagtail/core\1.py"), (r"wagtail/core/(.*)", r"wagtail/\1")),
        stays=(r"wagtail/core/(?:__init__|sites)\.py",),
    ),
    Replay(
        "homeassistant", "0.88.2", "0.92.2",
        (("homeassistant.components.sensor.yr", "homeassistant.components.yr.sensor"),),
        ((r"homeassistant/components/(\w+)/(\w+)\.py", r"homeassistant/components/\2/\1.py"),
         (r"(?:tests/)components/(\w+)/test_(\w+)\.py", r"tests/components/\2/test_\1.py")),
    ),
    Replay(
        "ansible", "2.4.6.0", "2.5.15",
        (("ansible.module_utils.ios", "ansible.module_utils.network.ios.ios"),),
        ((r"lib/ansible/module_utils/(\w+)\.py", r"lib/ansible/module_utils/network/\1/\1.py"),
         (r"lib/ansible/module_utils/(cnos_\w+)\.py", r"lib/ansible/module_utils/network/cnos/\1.py"),
         (r"lib/ansible/module_utils/bigswitch_utils\.py", "lib/ansible/module_utils/network/bigswitch/bigswitch.py"),
         (r"lib/ansible/module_utils/ce\.py", "lib/ansible/module_utils/network/cloudengine/ce.py"),
         (r"lib/ansible/module_utils/netcfg\.py", "lib/ansible/module_utils/network/common/config.py"),
         (r"lib/ansible/module_utils/netcli\.py", "lib/ansible/module_utils/network/common/parsing.py"),
         (r"lib/ansible/module_utils/network\.py", "lib/ansible/module_utils/network/common/network.py"),
         (r"lib/ansible/module_utils/network_common\.py", "lib/ansible/module_utils/network/common/utils.py"),
         (r"lib/ansible/module_utils/(f5_utils)\.py", r"lib/ansible/module_utils/network/f5/\1.py")),
    ),
    Replay(
        "Django", "1.5.12", "1.6.11",
        (("modeltests.basic", "basic"),),
        ((r"tests/(?:modeltests|regressiontests)/(.+)", r"tests/\1"),
         (r"tests/(?:modeltests|regressiontests)/(\w+)/(.+)", r"tests/\1_tests/\2"),),
        roots=(".", "tests"),
        known=(r"regressiontests/syndication|modeltests/validators", "prose names paths from tests/, not from the repo"),
    ),
    Replay(
        "pip", "9.0.3", "10.0.1",
        (("pip.utils", "pip._internal.utils"),),
        ((r"pip/utils/__init__\.py", "src/pip/_internal/utils/misc.py"),
         (r"pip/compat/__init__\.py", "src/pip/_internal/compat.py"),
         (r"pip/__init__\.py", "src/pip/_internal/__init__.py"),
         (r"pip/(?!_vendor/)(.+)", r"src/pip/_internal/\1"), (r"pip/(.+)", r"src/pip/\1")),
        roots=(".", "src"),
    ),
    Replay(
        "transformers", "3.5.1", "4.0.1",
        (("transformers.modeling_bert", "transformers.models.bert.modeling_bert"),),
        ((r"src/transformers/(\w*?_(?:tf_|flax_|pytorch_)?(auto|bert|\w+?)(?:_fast)?)\.py", r"src/transformers/models/\2/\1.py"),
         (r"src/transformers/(convert_(\w+?)_\w+)\.py", r"src/transformers/models/\2/\1.py")),
    ),
    Replay(
        "prefect", "2.7.12", "2.8.1",
        (("prefect.orion", "prefect.server"), ("prefect.cli.orion", "prefect.cli.server"),
         ("prefect.client.orion", "prefect.client.orchestration")),
    ),
    Replay(
        "Weblate", "2.20", "3.0",
        (("weblate.trans.machine", "weblate.machinery"), ("weblate.trans.checks", "weblate.checks"),
         ("weblate.trans.vcs", "weblate.vcs.git"), ("weblate.trans.ssh", "weblate.vcs.ssh"),
         ("weblate.trans.formats", "weblate.formats.base"), ("weblate.trans.exporters", "weblate.formats.exporters"),
         ("weblate.trans.models.unitdata", "weblate.utils.unitdata"), ("weblate.permissions", "weblate.auth"),
         ("weblate.trans.models.subproject", "weblate.trans.models.component"),
         ("weblate.trans.models.check", "weblate.checks.models")),
        ((r"weblate/(?:trans|accounts)/management/(.*)", r"weblate/checks/management/\1"),
         (r"weblate/(?:trans|accounts)/management/(.*)", r"weblate/auth/management/\1"),
         (r"weblate/trans/views/checks\.py", "weblate/checks/views.py"),
         (r"weblate/trans/tests/test_(exporters|formats)\.py", r"weblate/formats/tests/test_\1.py"),
         (r"weblate/trans/tests/test_(checks|\w+_checks)\.py", r"weblate/checks/tests/test_\1.py")),
    ),
    Replay(
        "apache-superset", "2.1.3", "3.0.4",
        (("superset.dao", "superset.daos"),
         *((f"superset.{old}.dao", f"superset.daos.{new}") for old, new in _SUPERSET_DAOS.items()),
         ("superset.common.not_authrized_object", "superset.common.not_authorized_object")),
    ),
    Replay(
        "apache-superset", "3.0.4", "3.1.3",
        (*((f"superset.{old}.commands", f"superset.commands.{new}") for old, new in _SUPERSET_COMMANDS.items()),
         ("superset.utils.async_query_manager", "superset.async_events.async_query_manager"),
         ("superset.daos.annotation", "superset.daos.annotation_layer")),
    ),
    Replay(
        "nautobot", "1.6.32", "2.0.6",
        (("nautobot.utilities", "nautobot.core"),
         ("nautobot.extras.tests.example_jobs", "nautobot.extras.test_jobs")),
        ((_NAUTOBOT + r"(ordering|query_functions|querysets|validators)\.py", r"nautobot/core/models/\1.py"),
         (_NAUTOBOT + r"(config|deprecation|git|logging|permissions)\.py", r"nautobot/core/utils/\1.py"),
         (_NAUTOBOT + r"paginator\.py", "nautobot/core/views/paginator.py"),
         (r"nautobot/core/forms\.py", "nautobot/core/forms/search.py"),
         (r"nautobot/extras/tests/example_jobs/test_(\w+)\.py", r"nautobot/extras/test_jobs/\1.py")),
        # People put what is in these into several modules each.
        stays=(_NAUTOBOT + r"(?:__init__|api|apps|checks|constants|error_handlers|factory|fields|mptt|tree_queries|utils|views)\.py",),
        known=(r"docs/code-reference/nautobot/apps/testing\.html", "a built page, larger than 1 MiB"),
    ),
)

if __name__ == "__main__":
    sys.exit(main())
