"""Several products in one checkout: their moves stand on one another, in the order they were first run.

Each starts from the tree as the ones below have left it, and knows their files as ours. When a lower
one has to run again, those above are taken back first, and run again after it: so the result is always
what the moves, run one after the other from scratch, would give. A lower one is up to date as long as
what lies under the others is as it left it; that is worked out here, from the ledgers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from migration.core.phase import TREE_PHASES
from migration.repo.ledger import Ledger, Origin
from migration.repo.records import Records, of_products
from migration.repo.work_tree import Checkout


class Stack:
    """The other products of a checkout, as one of them sees them.

    :param path: where its own ledger is.
    """

    def __init__(self, checkout: Checkout, product: str, path: Path) -> None:
        self.checkout = checkout
        self.product = product
        self.path = path

    @cached_property
    def others(self) -> dict[str, Ledger]:
        """Those that have done something to what is checked out: product -> ledger."""
        names = [name for name in of_products(self.path.parent.parent) if name != self.product]
        found = {name: self._records(name).load() for name in names}
        return {name: ledger for name, ledger in found.items() if ledger.phases}

    @cached_property
    def above(self) -> list[str]:
        """Those that stand on this one, the topmost first."""
        return above(self.product, self.others)

    @property
    def below(self) -> tuple[str, ...]:
        """Those that this one stands on when it begins now."""
        return tuple(sorted(set(self.others) - set(self.above)))

    @cached_property
    def beneath(self) -> dict[str, Origin | None]:
        """What lies under those above: path -> the file, or None where there is none."""
        upper = [self.others[name] for name in self.above]
        paths = {path for ledger in upper for path in ledger.touched}
        return beneath(upper, {path: self.checkout.on_disk(path) for path in paths}) if upper else {}

    def left(self) -> set[str]:
        """Files that are just as those below have left them: not committed, but not a person's."""
        found = set()
        for product in self.below:
            for path, state in self.others[product].states(None).items():
                on_disk = self.checkout.on_disk(path)
                if state is not None and on_disk and on_disk[0] == state.oid:
                    found.add(path)
        return found

    def forget(self) -> None:
        """Nobody stands on this product any more: it is taken away."""
        for product, ledger in self.others.items():
            if self.product in ledger.under:
                under = tuple(name for name in ledger.under if name != self.product)
                self._records(product).save(replace(ledger, under=under))

    def _records(self, product: str) -> Records:
        return Records(self.checkout.git, self.path.parent.parent / product / self.path.name)


def above(product: str, known: Mapping[str, Ledger]) -> list[str]:
    """The products whose moves stand on that of ``product``, the topmost first."""
    upper = [name for name, ledger in known.items() if product in ledger.under]
    return sorted(upper, key=lambda name: (-len(set(known[name].under) & set(upper)), name))


def beneath(ledgers_above: Iterable[Ledger], disk: Mapping[str, tuple[str, str] | None]) -> dict[str, Origin | None]:
    """What lies under the moves above: path -> the file there, or None where there is none.

    Only for paths where the disk is as those moves have left it.

    :param ledgers_above: the topmost first.
    :param disk: (blob id, mode) of every path that they touch.
    """
    found: dict[str, Origin | None] = {}
    for ledger in ledgers_above:
        for path, state in ledger.states(TREE_PHASES[0]).items():
            if path in found:
                now = found[path]
                there = now.oid if now else None
            else:
                on_disk = disk[path]
                there = on_disk[0] if on_disk else None
            if there is None or there in ledger.known.get(path, ()):
                found[path] = ledger.origins[path] if state else None
    return found
