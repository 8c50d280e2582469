"""Tables pinned in Meta: what has one already, and where a new one goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.plan.plan import App
from tests.model_labels import HERE, PLAN, prepared


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
