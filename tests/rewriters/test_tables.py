"""Tables pinned in Meta: what has one already, and where a new one goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.django.model_moves import ModelMoves
from migration.django.registry import FieldInfo, Named
from migration.engine.rewrite_models import Prepared, prepare
from migration.plan.plan import App, Model
from migration.python.source_file import SourceFile
from tests.model_labels import HERE, PLAN, REGISTRY, model, prepared


@pytest.mark.parametrize(
    ("module", "text"),
    [
        pytest.param(HERE, 'class Tag(M):\n    class Meta:\n        db_table = "core_tag"\n', id="the same table"),
        pytest.param(HERE, 'class Tag(M):\n    class Meta:\n        db_table = PREFIX + "tag"\n', id="an expression"),
        pytest.param(HERE, 'class Tag(M):\n    class Meta:\n        db_table: str = "core_tag"\n', id="annotated"),
        pytest.param(HERE, 'class Tag(M):\n    class Meta: db_table = "core_tag"\n', id="on one line"),
        pytest.param(HERE, "class Other(M):\n    pass\n", id="another class"),
        pytest.param(HERE, "def f():\n    class Tag(M):\n        pass\n", id="a local class"),
        pytest.param("core.models", "class Tag(M):\n    pass\n", id="the same name elsewhere"),
        pytest.param("core.models", "class Team(M):\n    pass\n", id="a model that stays"),
        pytest.param(None, "class Tag(M):\n    pass\n", id="a script"),
    ],
)
def test_untouched(module: str | None, text: str) -> None:
    done = prepared(text, module)
    assert (done.raw, done.references, done.problems) == (None, (), ())


def test_only_an_extraction_pins_tables() -> None:
    assert prepared("class Tag(M):\n    pass\n", HERE, replace(PLAN, app=App("app", "core", "core"))).raw is None


META = '    class Meta:\n        db_table = "core_tag"\n'
CASES = {
    "at the end of Meta": (
        'class Tag(M):\n    x = 1\n\n    class Meta:\n        ordering = ["x"]  # why\n\n    def f(self): ...\n',
        'class Tag(M):\n    x = 1\n\n    class Meta:\n        ordering = ["x"]  # why\n        db_table = "core_tag"\n\n'
        "    def f(self): ...\n",
    ),
    "behind a statement of several lines": (
        "class Tag(M):\n    class Meta(Base.Meta):\n        a = [\n            1,\n        ]\n        # end\n",
        'class Tag(M):\n    class Meta(Base.Meta):\n        a = [\n            1,\n        ]\n        db_table = "core_tag"\n'
        "        # end\n",
    ),
    "in an empty Meta": (
        "class Tag(M):\n    class Meta(Base.Meta):\n        pass\n",
        'class Tag(M):\n    class Meta(Base.Meta):\n        db_table = "core_tag"\n',
    ),
    "in an empty Meta on one line": (
        "class Tag(M):\n    class Meta: pass  # nothing\n",
        'class Tag(M):\n    class Meta: db_table = "core_tag"  # nothing\n',
    ),
    "in a Meta on one line": (
        "class Tag(M):\n    class Meta: ordering = ['x']; a = 1;\n",
        "class Tag(M):\n    class Meta: ordering = ['x']; a = 1; db_table = \"core_tag\";\n",
    ),
    "in a Meta with a docstring alone": (
        'class Tag(M):\n    class Meta:\n        """Why."""',
        'class Tag(M):\n    class Meta:\n        """Why."""\n        db_table = "core_tag"',
    ),
    "behind the fields": (
        "class Tag(M):\n    x = 1\n    objects = Manager()\n\n    @property\n    def y(self): ...\n\n    __repr__ = y\n",
        f"class Tag(M):\n    x = 1\n    objects = Manager()\n\n{META}\n    @property\n    def y(self): ...\n\n    __repr__ = y\n",
    ),
    "behind the fields, with no blank line": (
        "class Tag(M):\n    x = 1  # x\n    # about y\n    def y(self): ...\n",
        f"class Tag(M):\n    x = 1  # x\n\n{META}\n    # about y\n    def y(self): ...\n",
    ),
    "behind the last field, at the end of the file": (
        "class Tag(M):\n    x = 1",
        'class Tag(M):\n    x = 1\n\n    class Meta:\n        db_table = "core_tag"',
    ),
    "before what follows the class": (
        "class Tag(M):\n    x: int = 1\n\n\nclass Other(M):\n    pass\n",
        f"class Tag(M):\n    x: int = 1\n\n{META}\n\nclass Other(M):\n    pass\n",
    ),
    "behind choices and fields": (
        "class Tag(M):\n    class Kind(C):\n        A = 1\n\n    x = 1\n\n    class Other:\n        pass\n",
        f"class Tag(M):\n    class Kind(C):\n        A = 1\n\n    x = 1\n\n{META}\n    class Other:\n        pass\n",
    ),
    "in an empty class": ("class Tag(M):\n    pass\n", f"class Tag(M):\n{META}"),
    "in an empty class on one line": ("class Tag(M): pass  # x\n", f"class Tag(M):\n{META[:-1]}  # x\n"),
    "in a class on one line": ("class Tag(M): x = 1; y = 2\n", f"class Tag(M):\n    x = 1; y = 2\n\n{META}"),
    "behind a docstring": ('class Tag(M):\n    """Why."""\n', f'class Tag(M):\n    """Why."""\n\n{META}'),
    "before the first method": (
        "class Tag(\n    M, key={1: 2}\n):  # x\n    # about f\n    def f(self): ...\n",
        f"class Tag(\n    M, key={{1: 2}}\n):  # x\n{META}\n    # about f\n    def f(self): ...\n",
    ),
    "before a decorated method": (
        "class Tag(M):\n    @property\n    def f(self): ...\n",
        f"class Tag(M):\n{META}\n    @property\n    def f(self): ...\n",
    ),
    "with tabs": ("class Tag(M):\n\tx = 1\n", 'class Tag(M):\n\tx = 1\n\n\tclass Meta:\n\t\tdb_table = "core_tag"\n'),
    "with Windows line ends": (
        "class Tag(M):\r\n    x = 1\r\n    def y(self): ...\r\n",
        f"class Tag(M):\r\n    x = 1\r\n\r\n{META}\r\n    def y(self): ...\r\n".replace("\r\n", "\n").replace("\n", "\r\n"),
    ),
    "deeper": (
        "if 1:\n  class Tag(M):\n    é = 'é'\n",
        "if 1:\n  class Tag(M):\n    é = 'é'\n\n    class Meta:\n      db_table = \"core_tag\"\n",
    ),
    "in both branches": (
        "try:\n    class Tag(M):\n        x = 1\nexcept E:\n    class Tag(N):\n        pass\n",
        'try:\n    class Tag(M):\n        x = 1\n\n        class Meta:\n            db_table = "core_tag"\n\n'
        'except E:\n    class Tag(N):\n        class Meta:\n            db_table = "core_tag"\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_pinned(name: str) -> None:
    old, new = CASES[name]
    done = prepared(old, HERE)
    assert done.raw is not None
    assert done.raw.decode() == new
    assert not done.problems
    for encoding, mark in (("utf-8-sig", ""), ("latin-1", "# coding: latin-1\n")):
        again = prepared((mark + old).encode(encoding), HERE)
        assert again.raw == (mark + new).encode(encoding)


@pytest.mark.parametrize(
    ("bases", "meta"),
    [("A, b.Base", "(b.Base.Meta)"), ("A[T], Base[T], metaclass=M", "(Base.Meta)"), ("A, Base, C", "(Base.Meta)")],
)
def test_a_new_meta_inherits_from_the_one_it_replaces(bases: str, meta: str) -> None:
    done = prepared(f"class Heir({bases}):\n    pass\n", HERE)
    assert done.raw is not None
    assert done.raw.decode() == f'class Heir({bases}):\n    class Meta{meta}:\n        db_table = "core_heir"\n'


@pytest.mark.parametrize("bases", ["A", "*BASES", "A, *BASES"])
def test_a_meta_whose_base_is_not_written_out_is_a_problem(bases: str) -> None:
    done = prepared(f"class Heir({bases}):\n    pass\n", HERE)
    assert done.raw is None
    assert len(done.problems) == 1


def test_a_meta_that_is_no_class_statement_is_a_problem() -> None:
    done = prepared("class Tag(M):\n    Meta = Shared\n", HERE)
    assert done.raw is None
    assert [str(problem) for problem in done.problems] == [
        "core/warehouse/models.py:1: Tag has no db_table in a Meta of its own"
        ' -> give it a `class Meta:` with `db_table = "core_tag"`'
    ]


# --- names that would change with the label

OWNED = FieldInfo(
    "owner", target="core.Team", declared_in="far.Base", pin="models.ForeignKey(related_name='core_tags', to='core.team')",
    pin_imports=("from django.db import models",),
)
BASE = Named("core_tag_one", "models.UniqueConstraint(fields=['a'], name='core_tag_one')", OWNED.pin_imports, "label", "far.Base")
MADE = Named("core_tag_made", "models.Index(fields=['b'], name='core_tag_made')", OWNED.pin_imports)
USUAL = Named("core_tag_a_12_idx", "models.Index(fields=['a'], name='core_tag_a_12_idx')", OWNED.pin_imports, "table")
GIVEN = Named("core_tag_given", "models.Index(fields=['c'], name='core_tag_given')", OWNED.pin_imports, "base")


def pinned(text: str, **tag: object) -> Prepared:
    """A file with the class ``Tag``, of which Django says more than usual."""
    models = [replace(model, **tag) if model.label == "core.Tag" else model for model in REGISTRY.models]  # type: ignore[arg-type]
    registry = replace(REGISTRY, models=tuple(models))
    path = HERE.replace(".", "/") + ".py"
    done = prepare(SourceFile(path, text.encode(), HERE), ModelMoves(PLAN, registry))
    again = prepare(SourceFile(path, done.raw or text.encode(), HERE), ModelMoves(PLAN, registry))
    assert (again.raw, again.problems) == (None, done.problems)
    return done


HEAD = "from django.db import models\n\n\n"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param("    owner = F(Team)\n", {"fields": (OWNED,)}, id="a field that the class declares itself"),
        pytest.param("", {"fields": (replace(OWNED, declared_in=f"{HERE}.Tag"),)}, id="a field of its own"),
        pytest.param("", {"fields": (replace(OWNED, pin=""),)}, id="names without the label"),
        pytest.param("", {"indexes": (USUAL, GIVEN)}, id="names from the table, and those that a base writes out"),
        pytest.param('        indexes = [Index(name="core_tag_made")]\n', {"indexes": (MADE,)}, id="an index that is named"),
        pytest.param('        indexes = [Index(name="core_%(class)s_made")]\n', {"indexes": (MADE,)}, id="by its class"),
        pytest.param("        indexes = [Index(name=NAME)]\n", {"indexes": (MADE,)}, id="a name that is computed"),
        pytest.param("        indexes = made()\n", {"indexes": (MADE,)}, id="a list that is computed"),
        pytest.param("        constraints = []\n", {"constraints": (BASE,)}, id="a list of its own, without what a base brings"),
        pytest.param(
            "        default_related_name = 'tags'\n", {"default_related_name": ("%(app_label)s_x", "far.Base", "")}, id="a name"
        ),
        pytest.param("", {"default_related_name": ("%(app_label)s_x", "", "")}, id="a name of its own Meta"),
    ],
)
def test_names_that_stay(text: str, tag: dict[str, object]) -> None:
    body = text if text.startswith("    owner") else f"    x = 1\n\n    class Meta:\n        db_table = 'core_tag'\n{text}"
    if text.startswith("    owner"):
        body += "\n    class Meta:\n        db_table = 'core_tag'\n"
    done = pinned(f"{HEAD}class Tag(M):\n{body}", **tag)
    assert (done.raw, done.references, done.problems) == (None, (), ())


def test_names_of_bases_that_can_not_be_rewritten_are_written_out() -> None:
    tag = {
        "fields": (OWNED,), "constraints": (BASE,), "indexes": (GIVEN, MADE), "meta_base": 0,
        "default_related_name": ("%(app_label)s_x", "far.Base", ""),
    }  # fmt: skip
    done = pinned(f"{HEAD}class Tag(far.Base):\n    x = 1\n", **tag)
    assert done.raw is not None and done.raw.decode() == f"""\
{HEAD}class Tag(far.Base):
    owner = {OWNED.pin}
    x = 1

    class Meta(far.Base.Meta):
        db_table = "core_tag"
        default_related_name = "core_x"
        constraints = [{BASE.code}]
        indexes = [{GIVEN.code}, {MADE.code}]
"""
    assert done.problems == ()


def test_what_a_metaclass_adds_to_a_list_is_added_to_it() -> None:
    head = "import os\n\n\n"
    meta = "    class Meta:\n        db_table = 'core_tag'\n        indexes = "
    done = pinned(f"{head}class Tag(M):\n{meta}(Index(name='a'),)\n", indexes=(MADE, Named("a", "x")))
    assert done.raw is not None
    assert done.raw.decode() == (
        f"import os\nfrom django.db import models\n\n\nclass Tag(M):\n{meta}(Index(name='a'), {MADE.code},)\n"
    )


def test_a_base_of_the_repo_that_serves_this_app_alone_is_rewritten_itself() -> None:
    field = replace(OWNED, declared_in="core.warehouse.base.Tagged", declared_file="core/warehouse/base.py")
    done = pinned(f"{HEAD}class Tag(M):\n    class Meta:\n        db_table = 'core_tag'\n", fields=(field,))
    assert (done.raw, done.problems) == (None, ())
    field = replace(OWNED, declared_in="ee.base.Shared", declared_file="ee/base.py")
    done = pinned(f"{HEAD}class Tag(M):\n    class Meta:\n        db_table = 'core_tag'\n", fields=(field,))
    assert done.raw is not None and f"    owner = {OWNED.pin}\n".encode() in done.raw


def test_what_can_not_be_written_is_named_with_what_to_do() -> None:
    tag = {"constraints": (replace(BASE, code=""),)}
    (problem,) = pinned(f"{HEAD}class Tag(M):\n    class Meta:\n        db_table = 'core_tag'\n", **tag).problems
    assert str(problem) == (
        "core/warehouse/models.py:4: Tag: the name core_tag_one (constraints) holds the label core, and would change "
        "with it -> declare it in this class, with the name it has now"
    )


def test_a_table_whose_name_holds_quotes() -> None:
    models = tuple(replace(model, table='"dw"."core_tag"') if model.name == "Tag" else model for model in PLAN.app.models)
    plan = replace(PLAN, app=replace(PLAN.app, models=models))
    done = prepared("class Tag(M):\n    class Meta:\n        pass\n", HERE, plan)
    assert done.raw == b"class Tag(M):\n    class Meta:\n        db_table = '\"dw\".\"core_tag\"'\n"


# --- models that a package makes at run time


def recorded(text: str, **more: object) -> Prepared:
    """A file with the class ``Tag``, beside which simple_history has made a model."""
    info = replace(model("core.HistoricalTag", "core", made_for="core.Tag", **more), mro=("simple_history.models.HistoricalChanges",))
    plan = replace(PLAN, app=replace(PLAN.app, models=(*PLAN.app.models, Model("HistoricalTag", HERE, "core_historicaltag"))))
    registry = replace(REGISTRY, models=(*REGISTRY.models, info))
    path = HERE.replace(".", "/") + ".py"
    done = prepare(SourceFile(path, text.encode(), HERE), ModelMoves(plan, registry))
    again = prepare(SourceFile(path, done.raw or text.encode(), HERE), ModelMoves(plan, registry))
    assert (again.raw, again.problems) == (None, done.problems)
    return done


TAG = "class Tag(M):\n    class Meta:\n        db_table = 'core_tag'\n\n"


def test_a_table_that_is_named_stays() -> None:
    done = recorded(TAG + "    history = HistoricalRecords(table_name=TABLE)\n")
    assert (done.raw, done.problems) == (None, ())
    done = recorded(TAG, explicit_table=True)
    assert (done.raw, done.problems) == (None, ())


@pytest.mark.parametrize(
    ("call", "new"),
    [
        ("HistoricalRecords()", 'HistoricalRecords(table_name="core_historicaltag")'),
        ("HistoricalRecords('a', b=1)", "HistoricalRecords('a', b=1, table_name=\"core_historicaltag\")"),
        ("HistoricalRecords(\n        b=1,  # why\n    )", "HistoricalRecords(\n        b=1, table_name=\"core_historicaltag\",  # why\n    )"),
    ],
)
def test_the_option_of_the_package_names_the_table(call: str, new: str) -> None:
    done = recorded(f"{TAG}    history = {call}\n")
    assert done.raw is not None and done.raw.decode() == f"{TAG}    history = {new}\n"
    assert not done.problems


def test_what_makes_a_model_unseen_is_a_problem_with_the_line_to_write() -> None:
    (problem,) = recorded(TAG + "    history = recorded()\n").problems
    assert str(problem) == (
        "core/warehouse/models.py:1: HistoricalTag is made at run time, and its table would change with the label"
        ' -> write HistoricalRecords(table_name="core_historicaltag") where it is made'
    )
