from __future__ import annotations

from dataclasses import replace

import pytest

from migration.rewriters import paths
from tests.rewriters.text_tools import (
    AWAY,
    HOME,
    MOVES,
    PART,
    TOP,
    in_text,
    placed,
    python_rewritten,
    python_unchanged,
    text_rewritten,
    text_unchanged,
    whole,
)
from tests.rewriters.tools import moves_for


@pytest.mark.parametrize(
    "text",
    [
        "posthog",
        "posthog/",
        "posthog/models/team.py",
        "posthog/warehouse_utils",
        "posthog/warehouse_utils.py",
        "posthog/warehouses",
        "posthog/warehouse2/x",
        "posthog/warehouse-old",
        "posthog/warehouse-old/x.py",
        "posthog/warehouse.py",
        "posthog/warehouse.old/x",
        "posthog/warehouse@v1",
        "posthog/warehouseé",
        r"posthog/warehouse\.py",
        "posthog.warehouse",
        "Posthog/warehouse",
        "myposthog/warehouse",
        "my-posthog/warehouse",
        "other.posthog/warehouse",
        "@posthog/warehouse",
        "frontend/posthog/warehouse",
        "frontend/posthog/warehouse/*.ts",
        "frontend/src/posthog/warehouse/x.ts",
        "./frontend/posthog/warehouse",
        "../posthog/other",
        "/var/lib/posthog/warehouse",
        "~/posthog/warehouse",
        "https://posthog.com/posthog/warehouse/x",
        "https://example.com/?path=posthog/warehouse",
        "https://github.com/posthog/warehouse",
        "https://github.com/a/b/blob/0123456789abcdef0123456789abcdef01234567/posthog/warehouse/util.py",
        "git@github.com:posthog/warehouse.git",
        "github:posthog/warehouse",
        "ghcr.io/posthog/warehouse",
        "posthog / warehouse",
        "posthog/ warehouse",
        "posthog//warehouse",
    ],
)
@pytest.mark.parametrize("path", ["config/x.yml", "docs/x.md", "posthog/warehouse/x.yml"])
def test_untouched(text: str, path: str) -> None:
    text_unchanged(paths, text, path)
    text_unchanged(paths, f'a: "{text}"\n', path)
    text_unchanged(paths, f"  - {text}\r\n", path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("posthog/warehouse*", "pattern"),
        ("posthog/warehouse${X}/y", "pattern"),
        ("posthog/warehouse{a,b}", "pattern"),
        ("image: posthog/warehouse", "image"),
        ("image: posthog/warehouse:latest", "image"),
        ("docker run -it posthog/warehouse", "image"),
        ("uses: posthog/warehouse", "image"),
        ("FROM posthog/warehouse", "image"),
        ("posthog/{warehouse,hogql}/**", "alternatives"),
        ("^posthog/(hogql|warehouse)/", "alternatives"),
        ("frontend/posthog/warehouse/util.py", "behind frontend/"),
        ("/code/posthog/warehouse/util.py", "behind /code/"),
        ("$DIR/posthog/warehouse/util.py", "behind DIR"),
        ("a/posthog/warehouse/util.py", "behind a/"),
        ("/posthog/warehouse", "route"),
        ("https://github.com/PostHog/posthog/blob/master/posthog/warehouse/util.py", "a link"),
        ("https://raw.githubusercontent.com/PostHog/posthog/master/posthog/warehouse/util.py", "a link"),
    ],
)
def test_doubtful(text: str, reason: str) -> None:
    text_unchanged(paths, f"{text}\n", doubtful=[reason])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/CODEOWNERS", "/posthog/warehouse/   @x/y\nposthog/warehouse @x\n/posthog/warehouse/*.py @x\n"),
        (".gitignore", "/posthog/warehouse/tmp\nposthog/warehouse/**/*.log\n!posthog/warehouse/keep\n**/posthog/warehouse/x\n"),
        (".dockerignore", "posthog/warehouse/test\n./posthog/warehouse\n"),
        ("MANIFEST.in", "recursive-include posthog/warehouse *.sql\n"),
        ("x.yml", "- 'posthog/warehouse/**'\n- '!posthog/warehouse/README.md'\n- ./posthog/warehouse/*\n- /posthog/warehouse/models/**\n"),
        (".pre-commit-config.yaml", "exclude: ^posthog/warehouse/.*\\.py$\nfiles: ^(posthog/warehouse/|ee/|posthog/warehouse/util\\.py$)\n"),
        ("semgrep.yml", "include: [posthog/warehouse, 'posthog/warehouse/**/*.py', \"posthog/warehouse/util.py\"]\n"),
        ("pyproject.toml", '"posthog/warehouse/models/*.py" = ["F401"]\nexclude = ["posthog/warehouse/gone.py"]\n'),
        ("mypy-baseline.txt", "posthog/warehouse/util.py:12: error: x\nposthog/warehouse/models/table.py:0: y\n"),
        (".test_durations", '{"posthog/warehouse/api/table.py::TestX::test_y[posthog/warehouse-a]": 1}'.replace("[posthog/warehouse-a]", "")),
        ("quarantine.txt", "posthog/warehouse/api/table.py::TestX\nposthog/warehouse/util.py\n"),
        ("package.json", '{"x": "pytest posthog/warehouse && ls ./posthog/warehouse/*.py posthog\\/warehouse"}'.replace("posthog\\/warehouse", "posthog/warehouse")),
        ("Dockerfile", "WORKDIR /code\nCOPY posthog/warehouse posthog/warehouse\nCOPY --chown=a:b ./posthog/warehouse/ /code/posthog/warehouse/\n"),
        ("compose.yml", "volumes:\n  - .:/code\n  - ./posthog/warehouse:/code/posthog/warehouse\n"),
        ("bin/x", 'cd "$(git rev-parse --show-toplevel)/posthog/warehouse"\nls "$ROOT"/posthog/warehouse/*.py ${REPO_ROOT}/posthog/warehouse\n'),
        ("Makefile", "x: posthog/warehouse/util.py\n\tPYTHONPATH=posthog/warehouse:ee cat posthog/warehouse/$(X).py\n"),
        ("x.cfg", "%(here)s/posthog/warehouse/util.py posthog/warehouse/{name}.py posthog/warehouse/%s posthog/warehouse/<name>\n"),
        ("x.md", "See posthog/warehouse. Or `posthog/warehouse/`, (posthog/warehouse/util.py), “posthog/warehouse” [x](/posthog/warehouse/README.md).\n"),
        ("x.md", "**posthog/warehouse** *posthog/warehouse/util.py* posthog/warehouse/models/… posthog/warehouse...\n"),
        ("x.html", "<code>posthog/warehouse/util.py</code> {# posthog/warehouse #}\n"),
        ("x.sql", "-- posthog/warehouse/models/x.sql\n"),
        ("x.graphql", "# posthog/warehouse/util.py\n"),
        ("x.sh", "git show HEAD:posthog/warehouse/util.py; X=posthog/warehouse/util.py\n"),
    ],
)
def test_rewritten(path: str, text: str) -> None:
    references = text_rewritten(paths, text, text.replace(HOME, AWAY), path)
    assert {reference.kind for reference in references} == {"path"}


def test_reference_names_both_places() -> None:
    references = text_rewritten(paths, "posthog/warehouse/util.py:1\n", f"{AWAY}/util.py:1\n")
    assert [(r.old, r.new) for r in references] == [(f"{HOME}/util.py", f"{AWAY}/util.py")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"posthog\/warehouse\/util.py", r"products\/data_warehouse\/backend\/util.py"),
        (r'"\bposthog/warehouse\b"', rf'"\b{AWAY}\b"'),
    ],
)
def test_escapes(text: str, expected: str) -> None:
    text_rewritten(paths, text, expected)


def test_the_team_of_that_name_stays() -> None:
    text = "posthog/warehouse @posthog/warehouse\n"
    assert in_text(paths, text, "CODEOWNERS")[0] == f"{AWAY} @posthog/warehouse\n"


def test_other_bytes_stay() -> None:
    new, _, _ = in_text(paths, b"\xff\xe9 posthog/warehouse/util.py\r\nposthog/warehouse\r\xa0")
    assert new.encode("utf-8", "surrogateescape") == b"\xff\xe9 %s/util.py\r\n%s\r\xa0" % (AWAY.encode(), AWAY.encode())


def test_web_routes_stay() -> None:
    text_unchanged(paths, '<a href="/posthog/warehouse/">x</a> <a href="/posthog/warehouse/1">\n', "x.html")
    text_unchanged(paths, '<img src="/posthog/warehouse/util.py">\n', "x.html", doubtful=["root of something"])


def test_absolute_paths_follow_the_workdir() -> None:
    text = "WORKDIR /app/\nRUN /app/posthog/warehouse/run.sh /x/posthog/warehouse/run.sh\n"
    expected = f"WORKDIR /app/\nRUN /app/{AWAY}/run.sh /x/posthog/warehouse/run.sh\n"
    text_rewritten(paths, text, expected, "Dockerfile", doubtful=["behind /x/"])


def test_kept_by_the_plan() -> None:
    kept = replace(MOVES, keep=frozenset({f"{HOME}/util.py"}))
    text = "posthog/warehouse/util.py posthog/warehouse\n"
    text_rewritten(paths, text, f"posthog/warehouse/util.py {AWAY}\n", moves=kept, doubtful=["under keep"])


def test_a_directory_that_moves_in_part() -> None:
    text = "posthog/warehouse/models/** posthog/warehouse/util.py posthog/warehouse/run.sh posthog/warehouse/**\n"
    expected = f"{AWAY}/models/** {AWAY}/util.py posthog/warehouse/run.sh posthog/warehouse/**\n"
    text_rewritten(paths, text, expected, moves=PART, doubtful=["only in part"])
    text_unchanged(paths, "posthog/warehouse/\n", moves=PART, doubtful=["only in part"])
    text_unchanged(paths, "posthog/warehouse/util.pyc posthog/warehouse/ui\n", moves=PART, doubtful=["only in part"])


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("bin/start", "../posthog/warehouse/run.sh", f"../{AWAY}/run.sh"),
        ("frontend/package.json", '"../posthog/warehouse/*.py"', f'"../{AWAY}/*.py"'),
        ("frontend/src/x.ts", "from '../../posthog/warehouse/ui/types'", f"from '../../{AWAY}/ui/types'"),
        ("docs/guide.md", "[x](../posthog/warehouse/README.md#y)", f"[x](../{AWAY}/README.md#y)"),
        ("posthog/README.md", "[x](warehouse/README.md)", f"[x](../{AWAY}/README.md)"),
        ("posthog/README.md", "[x](./warehouse/README.md)", f"[x](../{AWAY}/README.md)"),
        ("posthog/hogql/README.md", "[x](../warehouse/README.md)", f"[x](../../{AWAY}/README.md)"),
        ("posthog/warehouse/README.md", "[x](../hogql/README.md)", "[x](../../../posthog/hogql/README.md)"),
        ("posthog/warehouse/README.md", "[x](../../docs/guide.md)", "[x](../../../docs/guide.md)"),
        ("posthog/warehouse/ui/types.ts", "'../../../frontend/src/posthog/warehouse/x'", "'../../../../frontend/src/posthog/warehouse/x'"),
        ("posthog/warehouse/run.sh", 'cat "$(dirname "$0")/../utils.py"', 'cat "$(dirname "$0")/../../../posthog/utils.py"'),
        ("bin/start", '"$(dirname "$0")/../posthog/warehouse/run.sh"', f'"$(dirname "$0")/../{AWAY}/run.sh"'),
        ("bin/start", "`dirname $0`/../posthog/warehouse/run.sh", f"`dirname $0`/../{AWAY}/run.sh"),
        ("posthog/warehouse/run.sh", "../utils.py\n../models/*.py", "../../../posthog/utils.py\n../../../posthog/models/*.py"),
    ],
)
def test_relative(path: str, text: str, expected: str) -> None:
    text_rewritten(paths, text, expected, path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("posthog/warehouse/README.md", "[x](./models/x.sql) [y](models/x.sql) ../gone.md ../"),
        ("posthog/warehouse/models/x.sql", "-- ../util.py ../api/table.py"),
        ("docs/guide.md", "../posthog/utils.py ../warehouse/README.md ../../posthog/warehouse"),
        ("frontend/src/x.ts", "from './posthog/warehouse/x'"),
        ("posthog/README.md", "the warehouse/retail and warehouse/ of warehouse/gone.md"),
        ("README.md", "./warehouse/README.md"),
    ],
)
def test_relative_untouched(path: str, text: str) -> None:
    text_unchanged(paths, text, path)


def test_going_up_is_listed() -> None:
    text = 'cd "$(dirname "$0")/../.."\n'
    text_unchanged(paths, text, "posthog/warehouse/run.sh", doubtful=["goes up"])
    text_unchanged(paths, text, "bin/start")


def test_pattern_in_an_ignore_file_above() -> None:
    text_unchanged(paths, "/warehouse/tmp\n", "posthog/.gitignore", doubtful=["can't leave"])


@pytest.mark.parametrize(
    "text",
    [
        '"""posthog/warehouse/util.py"""\n',
        'def f():\n    "posthog/warehouse"\n',
        "# posthog/warehouse/util.py\n",
        "x = posthog/warehouse\n",
        "x = 'warehouse/gone.py'\n",
        "x = 'posthog.warehouse.util'\n",
        "x = 'https://posthog.com/posthog/warehouse'\n",
        "self.client.get('/posthog/warehouse/')\n",
        "x = f'{posthog/warehouse}'\n",
        "x = f'posthog/{warehouse}'\n",
        "os.path.join('frontend', 'posthog/other', 'warehouse')\n",
        "x = 'posthog', 'warehouse'\n",
        "'/'.join(['ee', 'warehouse'])\n",
        "x = 'ee/' + 'warehouse/x.sql'\n",
        "x = 'posthog/' + name + '/warehouse'\n",
        "x = 'posthog/models/' + 'warehouse/'\n",
        "x = 'the posthog/' + 'warehouse'\n",
        "x = Path('posthog') / 'models'\n",
    ],
)
def test_python_untouched(text: str) -> None:
    python_unchanged(paths, text)
    python_unchanged(paths, text, "posthog/warehouse/util.py")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = b'posthog/warehouse/util.py'\n", "bytes"),
        ("path('posthog/warehouse/', view)\n", "route"),
        ("x = 'posthog/warehouse/things'\n", "nothing that was there"),
        ("x = f'{prefix}/posthog/warehouse/util.py'\n", "behind prefix"),
        ("x = FRONTEND / 'posthog' / 'warehouse'\n", "joined to FRONTEND"),
        ("x = os.path.join(here(), 'posthog', 'warehouse', 'x')\n", "joined to here()"),
        ("x = Path('posthog/' '', 'warehouse')\n", "don't fit"),
        ("x = 'warehouse/README.md'\n", "from the place of the source"),
    ],
)
def test_python_doubtful(text: str, reason: str) -> None:
    python_unchanged(paths, text, doubtful=[reason])


@pytest.mark.parametrize(
    "text",
    [
        "x = 'posthog/warehouse'\n",
        "x = 'posthog/warehouse/'\n",
        'x = r"^posthog/warehouse/.*\\.py$"\n',
        "x = 'see posthog/warehouse/util.py for this'\n",
        "x = '''\nposthog/warehouse/util.py\n'''\n",
        "x = f'posthog/warehouse/{name}.py'\n",
        "x = f'{name} posthog/warehouse/util.py'\n",
        "x = f'{settings.BASE_DIR}/posthog/warehouse/util.py'\n",
        "x = BASE_DIR / 'posthog/warehouse/util.py'\n",
        "open(os.path.join(BASE_DIR, 'posthog/warehouse/models/x.sql'))\n",
        "x = {'posthog/warehouse/*.py': 'é posthog/warehouse'}  # posthog/warehouse\n".replace("  # posthog/warehouse", ""),
        "x = ('a'  # b\n    'posthog/warehouse/util.py')\n",
        "x = 'posthog/warehouse/%s.py' % name\n",
        "x = 'posthog/warehouse/new.json'\n",
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/util.py"])
def test_python_rewritten(text: str, path: str) -> None:
    python_rewritten(paths, text, text.replace(HOME, AWAY), path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = Path('posthog') / 'warehouse' / 'x.sql'\n", "x = Path('products/data_warehouse') / 'backend' / 'x.sql'\n"),
        ("x = Path('posthog', \"warehouse\")\n", "x = Path('products/data_warehouse', \"backend\")\n"),
        ("x = '/'.join(['posthog', 'warehouse', y])\n", "x = '/'.join(['products/data_warehouse', 'backend', y])\n"),
        ("x = os.sep.join(('posthog', 'warehouse'))\n", "x = os.sep.join(('products/data_warehouse', 'backend'))\n"),
        ("x = 'posthog/' + 'warehouse/models/' + y\n", "x = 'products/' + 'data_warehouse/backend/models/' + y\n"),
        ("x = ('posthog'  # é\n    + '/warehouse/util.py')\n", "x = ('products'  # é\n    + '/data_warehouse/backend/util.py')\n"),
        ("x = 'posthog/warehouse/' + 'util.py'\n", "x = 'products/data_warehouse/backend/' + 'util.py'\n"),
        ("x = os.path.join('posthog', 'warehouse', y)\n", "x = os.path.join('products/data_warehouse', 'backend', y)\n"),
        ("x = settings.BASE_DIR / 'posthog' / 'warehouse'\n", "x = settings.BASE_DIR / 'products/data_warehouse' / 'backend'\n"),
        ("x = ROOT.joinpath('posthog', 'warehouse')\n", "x = ROOT.joinpath('products/data_warehouse', 'backend')\n"),
        ("x = f(Path(BASE_DIR) / 'posthog' / 'warehouse')\n", "x = f(Path(BASE_DIR) / 'products/data_warehouse' / 'backend')\n"),
    ],
)
def test_joined(text: str, expected: str) -> None:
    python_rewritten(paths, text, expected)


def test_python_relative() -> None:
    text = "open(os.path.join(os.path.dirname(__file__), '../utils.py'))\nopen('../warehouse/util.py')\nopen('./models/x.sql')\n"
    expected = text.replace("'../utils.py'", "'../../../posthog/utils.py'").replace("'../warehouse/", "'./")
    python_rewritten(paths, text, expected.replace("'./util.py'", "'./util.py'"), "posthog/warehouse/util.py")
    python_rewritten(paths, "x = '../warehouse/util.py'\n", f"x = '../../{AWAY}/util.py'\n", "posthog/models/team.py")


@pytest.mark.parametrize("text", ["warehouse", "warehouse/retail", "/warehouse", "x/warehouse/util.py", "util.py"])
def test_one_word_is_a_word(text: str) -> None:
    text_unchanged(paths, f"{text}\n", moves=TOP)


def test_a_top_directory() -> None:
    text = "/warehouse/ x\nwarehouse/**\nwarehouse/util.py\n/warehouse\n"
    text_rewritten(paths, text, text.replace("warehouse", "products/wh"), "CODEOWNERS", TOP)
    python_unchanged(paths, "render('warehouse/list.html')\npath('warehouse/', x)\n", "app.py", TOP)
    python_rewritten(paths, "open('warehouse/util.py')\n", "open('products/wh/util.py')\n", "app.py", TOP)


def test_a_directory_that_keeps_all_that_moves_in_it() -> None:
    tree = "src/shop/a/x.py src/shop/a/y.py src/shop/main.py"
    inside = placed(moves_for({"shop.a": "shop.b"}), whole("src/shop/a", "src/shop/b", tree), tree)
    text_rewritten(paths, "./src/shop/**/*.py src/shop/a/*.py\n", "./src/shop/**/*.py src/shop/b/*.py\n", moves=inside)
    outside = placed(moves_for({"shop.a": "lib.b"}), whole("src/shop/a", "src/lib/b", tree), tree)
    text_unchanged(paths, "./src/shop/**/*.py\n", moves=outside, doubtful=["only in part"])


@pytest.mark.parametrize("above", ["mono/shop/templates", "mono/shop/static"])
def test_a_name_below_templates_that_begins_like_the_package_is_kept(above: str) -> None:
    """Loaders look for it there."""
    tree = f"mono/shop/views.py {above}/mono/shop/index.html {above}/mono/shop/shop.css"
    moves = placed(moves_for({"mono.shop": "products.shop"}), whole("mono/shop", "products/shop", tree), tree)
    python_unchanged(paths, "render(request, 'mono/shop/index.html', {'css': 'mono/shop/shop.css'})\n", "mono/shop/views.py", moves)
    text_unchanged(paths, '{% include "mono/shop/index.html" %}\n', f"{above}/mono/shop/index.html", moves=moves)
    python_rewritten(paths, "open('mono/shop/views.py')\n", "open('products/shop/views.py')\n", "mono/x.py", moves)
