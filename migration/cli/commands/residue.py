"""``residue``: what still names the old place, and why."""

from __future__ import annotations

import sys
from dataclasses import asdict

from migration.cli.commands.output import print_json
from migration.cli.known_secrets import known_secrets
from migration.cli.session import Session
from migration.core.errors import PhaseError
from migration.engine import import_check
from migration.engine import residue as residues


def run(session: Session) -> None:
    """Print what still names the old place, by kind, with the reason it was left; touch nothing.

    :raises PhaseError: if something is left that nothing explains, or an import of the tree finds
        nothing that did before the move; so that a CI job can guard against the old path.
    """
    plan = session.plan()
    project = session.project("residue", plan.roots)
    if not any(new in project.before for new in plan.file_moves.values()):
        raise PhaseError(f"nothing of {plan.source} has moved yet", f"run doit product={plan.product} first")
    found, lost = residues.find(plan, project), import_check.check_tree(plan, project)
    counts, known = residues.summary(found), known_secrets(session)
    above = sum(item.kind == residues.COVER and not item.decided for item in found)
    undecided = counts.get(residues.UNDECIDED, 0) - above
    if session.options.format == "json":
        places = [{**asdict(item), "text": known.hide(item.text), "decided": item.decided} for item in found]
        print_json({"source": plan.source, "counts": counts, "places": places, "dangling": [str(one) for one in lost]})
    elif session.options.format == "text":
        sys.stdout.write(known.hide(residues.listing(plan.source, found)))
    if lost:
        raise PhaseError(
            f"{len(lost)} import(s) that resolved before the move find nothing",
            f"run doit product={plan.product} update_imports, or correct these lines",
            [str(item) for item in lost],
        )
    if undecided:
        raise PhaseError(
            f"{undecided} place(s) name {plan.source} and nothing says why",
            "change them to the new place, or list the string under keep or the file under exclude in moves.yml",
        )
    if above:
        raise PhaseError(
            f"{above} line(s) of configuration took in what moved and no longer do (or the other way round)",
            "write `cover: add` into moves.yml and run update_imports, see to them by hand, or say under cover which "
            "of them are to be left",
        )
