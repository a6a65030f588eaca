"""How long to hunt for counterexamples: `EXAMPLES=20 scripts/test tests/engine` hunts twenty times as long."""

import os

_TIMES = float(os.environ.get("EXAMPLES", "1"))


def examples(usual: int) -> int:
    """Return how many examples to try where `usual` are enough for every day."""
    return max(1, round(usual * _TIMES))
