"""The family: one module per kind of reference, none of which knows another; and the one list of them.

A new kind is one module of pure functions, one line in :data:`REWRITERS` and a test of the module's name.
Nobody else names a kind: where one has to be looked for, in which files and how is said in its line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from migration.core.changes import Finding
from migration.core.moves import Moves
from migration.core.references import Reference, TextFile
from migration.django.model_moves import ModelMoves
from migration.python.mentions import may_refer
from migration.python.source_file import SourceFile
from migration.rewriters import (
    assembled_names,
    attribute_uses,
    celery,
    command_lines,
    cython_imports,
    dotted_strings,
    file_location,
    fixtures,
    imports,
    label_lookups,
    label_strings,
    migration_history,
    modules_by_name,
    names_from_lists,
    names_in_text,
    own_name,
    paths,
    permissions,
    prose,
    queued_jobs,
    relations,
    relative_names,
    resolved_later,
    script_imports,
    single_words,
    star_imports,
    tables,
    templates,
    zcml,
)

File = SourceFile | TextFile
Phase = Literal["update_imports", "prepare_models"]
F = TypeVar("F", SourceFile, TextFile)
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Reader(Generic[F, M]):
    """How the references of one kind are found in files of one sort.

    :param find: gives them, in no particular order, their spans not overlapping.
    :param signs: tell by a file's bytes (and its path) whether one of them may be in it: cheap, and together
        never wrong about a "no". Without any, the needles of the kind decide.
    """

    find: Callable[[F, M], Iterable[Reference]]
    signs: tuple[Callable[[F, M], bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Rewriter(Generic[M]):
    """One kind of reference.

    :param kind: its name, as people read it.
    :param needles: byte strings of which a file must hold one to be looked into; a file that moves is
        looked into whatever it holds.
    :param python: how it is found in Python; None where it isn't looked for there.
    :param text: the same for files that are not Python.
    :param by_path: whether a file (its path before the move) is looked into whatever bytes it holds.
    :param any_size: endings of files (not Python) that are looked into however large they are.
    :param gives_way: whether a place that a kind before it in the list claims is no reference of this one.
        Two kinds that don't give way to each other never claim the same bytes.
    :param together: whether its places have to agree with others of the file, so that no line of them can
        say for itself that it stays.
    :param phase: the phase that it belongs to; decides whether it is given :class:`Moves` or :class:`ModelMoves`.
    :param problems: what is wrong with a Python file when all is rewritten; anything there stops the phase.
    """

    kind: str
    needles: Callable[[M], Collection[bytes]]
    python: Reader[SourceFile, M] | None = None
    text: Reader[TextFile, M] | None = None
    by_path: Callable[[str, M], bool] | None = None
    any_size: tuple[str, ...] = ()
    gives_way: bool = False
    together: bool = False
    phase: Phase = "update_imports"
    problems: Callable[[SourceFile, M], Iterable[Finding]] | None = None

    def find(self, file: File, moves: M) -> Iterable[Reference]:
        """The references of this kind in a file, of whatever sort it is.

        :raises UnreadableSource: if it can't be parsed.
        """
        if isinstance(file, SourceFile):
            return self.python.find(file, moves) if self.python else ()
        return self.text.find(file, moves) if self.text else ()


def _names(moves: Moves) -> Collection[bytes]:
    return moves.needles


def _homes(path: str, models: ModelMoves) -> bool:
    return path in models.homes


def _nothing(models: ModelMoves) -> Collection[bytes]:
    """For what is known to lie in certain files, whatever they hold."""
    return ()


def _code(find: Callable[[SourceFile, Moves], Iterable[Reference]]) -> Reader[SourceFile, Moves]:
    """Of names in code: the shapes in which code names anything are told from its bytes."""
    return Reader(find, (may_refer,))


REWRITERS: tuple[Rewriter[Any], ...] = (
    Rewriter(imports.KIND, _names, _code(imports.find), together=True),
    Rewriter(attribute_uses.KIND, _names, _code(attribute_uses.find), together=True),
    Rewriter(star_imports.KIND, _names, _code(star_imports.find), together=True),
    Rewriter(dotted_strings.KIND, _names, _code(dotted_strings.find)),
    Rewriter(relative_names.KIND, _names, _code(relative_names.find)),
    Rewriter(
        resolved_later.KIND, _names, Reader(resolved_later.find, (resolved_later.may_be_resolved,)), gives_way=True
    ),
    Rewriter(assembled_names.KIND, _names, _code(assembled_names.find)),
    Rewriter(modules_by_name.KIND, _names, _code(modules_by_name.find)),
    Rewriter(celery.KIND, _names, _code(celery.find)),
    Rewriter(queued_jobs.KIND, _names, Reader(queued_jobs.find, (queued_jobs.may_register,)), gives_way=True),
    Rewriter(file_location.KIND, _names, _code(file_location.find)),
    Rewriter(own_name.KIND, _names, Reader(own_name.find, (own_name.may_work_out,))),
    Rewriter(
        paths.KIND,
        paths.needles,
        Reader(paths.find, (paths.may_be_in_code,)),
        Reader(paths.find_in_text, (paths.may_be_in_text,)),
        by_path=paths.holds_patterns,
    ),
    Rewriter(names_in_text.KIND, _names, text=Reader(names_in_text.find_in_text, (names_in_text.may_be_in_text,))),
    Rewriter(
        cython_imports.KIND, _names, text=Reader(cython_imports.find_in_text, (cython_imports.may_be_in_text,)),
        by_path=cython_imports.leads_out, gives_way=True,
    ),
    Rewriter(
        zcml.KIND, _names, text=Reader(zcml.find_in_text, (zcml.is_zcml,)), by_path=zcml.leads_out, gives_way=True
    ),
    # What the kinds above find in a string or an import is sure; these are doubts.
    Rewriter(
        names_from_lists.KIND, _names, Reader(names_from_lists.find, (names_from_lists.may_loop,)), gives_way=True
    ),
    Rewriter(
        script_imports.KIND, _names, Reader(script_imports.find, (script_imports.may_find_beside,)), gives_way=True
    ),
    # Longer names and paths that begin with the word are found as such.
    Rewriter(single_words.KIND, single_words.needles, text=Reader(single_words.find_in_text), gives_way=True),
    Rewriter(templates.KIND, templates.needles, Reader(templates.find), Reader(templates.find_in_text)),
    # A comment within something that is rewritten as a whole goes with it.
    Rewriter(prose.KIND, prose.needles, Reader(prose.find, (may_refer, paths.may_be_in_code)), gives_way=True),
    Rewriter(
        relations.KIND, _nothing, Reader(relations.find), by_path=_homes, together=True, phase="prepare_models",
        problems=relations.problems,
    ),
    Rewriter(
        tables.KIND, _nothing, Reader(tables.find), by_path=_homes, together=True, phase="prepare_models",
        problems=tables.problems,
    ),
    Rewriter(
        migration_history.KIND, _nothing, Reader(migration_history.find), by_path=migration_history.is_looked_into,
        together=True, phase="prepare_models", problems=migration_history.problems,
    ),
    # What the registry knows to be a relation, or the rewriters of labels to be one, is nothing else.
    Rewriter(
        label_strings.KIND, label_strings.needles, Reader(label_strings.find), gives_way=True, phase="prepare_models"
    ),
    Rewriter(
        label_lookups.KIND, label_lookups.needles, Reader(label_lookups.find), gives_way=True, phase="prepare_models"
    ),
    Rewriter(
        fixtures.KIND, fixtures.needles, text=Reader(fixtures.find_in_text), any_size=fixtures.ENDINGS,
        phase="prepare_models",
    ),
    Rewriter(
        permissions.KIND, permissions.needles, Reader(permissions.find), Reader(permissions.find_in_text),
        gives_way=True, phase="prepare_models",
    ),
    Rewriter(
        command_lines.KIND, command_lines.needles, text=Reader(command_lines.find_in_text),
        gives_way=True, phase="prepare_models",
    ),
)  # fmt: skip
# Those of the phase that is given Moves, and of the one that is given ModelMoves.
OF_NAMES: tuple[Rewriter[Moves], ...] = tuple(one for one in REWRITERS if one.phase == "update_imports")
OF_MODELS: tuple[Rewriter[ModelMoves], ...] = tuple(one for one in REWRITERS if one.phase == "prepare_models")
