"""`scripts/kill-test`: what is on record after Home Assistant was killed again and again."""

import argparse
import asyncio
from dataclasses import asdict
import json
from pathlib import Path
import sys
import tempfile

from ..demo.isolation import isolate
from ..demo.words import say
from .play import kill_test


def main() -> int:
    """Run it and print one line of JSON; the exit status says whether everything is on record."""
    top = argparse.ArgumentParser(prog="scripts/kill-test", description=__doc__)
    top.add_argument("--kills", type=int, default=20, help="how often (%(default)s)")
    top.add_argument("--seed", type=int, default=1, help="of the instants (%(default)s)")
    top.add_argument("--bare", action="store_true", help="a Home Assistant without a frontend: it starts faster")
    top.add_argument("--keep", type=Path, metavar="FOLDER", help="leave its configuration folder there")
    options = top.parse_args()
    if not isolate():
        say("no network namespace here: Home Assistant will see the machine's own network")
    with tempfile.TemporaryDirectory() as folder:
        where = options.keep or Path(folder) / "home"
        try:
            findings = asyncio.run(kill_test(where, kills=options.kills, seed=options.seed, bare=options.bare))
        except (RuntimeError, TimeoutError) as err:
            say(f"{err or 'it took too long'}")
            return 1
    print(json.dumps(asdict(findings), default=str), flush=True)
    return 1 if findings.problems else 0


if __name__ == "__main__":
    sys.exit(main())
