from __future__ import annotations

import resource
import subprocess
import sys

SAYS = "import sys; from migration.core.recursion import allow_deep; sys.setrecursionlimit({}); allow_deep(); print(sys.getrecursionlimit())"


def limit(before: int, stack: int = resource.RLIM_INFINITY) -> int:
    """What is allowed afterwards in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS.format(before)], capture_output=True, text=True, check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, (stack, resource.getrlimit(resource.RLIMIT_STACK)[1])),
    )
    return int(done.stdout)


def test_a_larger_limit_stays() -> None:
    assert limit(123_456) == 123_456


def test_no_deeper_than_the_stack() -> None:
    """Where calls by way of C are not counted by themselves."""
    assert limit(1000, 1 << 20) in ((1 << 20) // 400, limit(1000))
    assert limit(1000, 200_000) >= 1000


def test_deep_enough_for_what_python_compiles() -> None:
    assert limit(1000) >= 16_000
