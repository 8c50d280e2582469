"""How deep functions may call themselves: deep enough for every expression that Python compiles.

Python compiles a chain of some thousand links (``a + b + c + …``, ``query.filter().filter()…``), each of them a
node within the next one of the syntax tree. What walks the tree needs a few calls for each; Python allows 1,000.
"""

from __future__ import annotations

import resource
import sys

# Links of a chain that Python compiles: 3 * 1,000, from 3.13 on 10,000; in no more calls than so many for each.
_CALLS_PER_LINK = 5
_LINKS = 3_000 if sys.version_info < (3, 13) else 10_000
# What a call may take of the process's own stack, where it is made by way of C (a generator, say).
_BYTES_PER_CALL = 400
USUAL = 1_000


def allow_deep() -> None:
    """Allow it from here on, as far as the process's stack reaches."""
    most = USUAL + _LINKS * _CALLS_PER_LINK
    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    if sys.version_info < (3, 12) and stack != resource.RLIM_INFINITY:  # later ones count what C needs for itself
        most = min(most, stack // _BYTES_PER_CALL)
    if most > sys.getrecursionlimit():
        sys.setrecursionlimit(most)
