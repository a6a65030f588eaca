"""What the integration adds to Home Assistant's start: its import, and setting up a site.

    scripts/bench startup [--runs N]

The import is measured in fresh interpreters in which Home Assistant is already imported; what a site's
drivers bring along is counted where they are first used, as in a real start.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

IMPORT = """
import json, sys, time
import custom_components
import homeassistant.components.sensor, homeassistant.components.number, homeassistant.components.select
import homeassistant.components.switch, homeassistant.components.binary_sensor, homeassistant.components.event
import homeassistant.components.repairs, homeassistant.config_entries, homeassistant.helpers.storage
before, began = set(sys.modules), time.perf_counter()
import custom_components.smart_evse
took = time.perf_counter() - began
new = set(sys.modules) - before
ours = [name for name in new if name.startswith("custom_components.smart_evse")]
print(json.dumps({"seconds": took, "modules": len(new), "ours": len(ours)}))
"""

SETUP = """
import asyncio, json
from benchmarks.startup import set_up
print(json.dumps({"seconds": asyncio.run(set_up())}))
"""


async def set_up() -> float:
    """Set up a site with one simulated charger and return how long that took, in s."""
    from benchmarks.site import running_site  # noqa: PLC0415 - only the measured process pays for it

    began = time.perf_counter()
    async with running_site():
        return time.perf_counter() - began


async def bare() -> float:
    """Return the same for a Home Assistant without any site."""
    from benchmarks.site import bare_home_assistant  # noqa: PLC0415 - only the measured process pays for it

    began = time.perf_counter()
    async with bare_home_assistant():
        return time.perf_counter() - began


def fresh(code: str) -> dict[str, float]:
    """Run some code in a fresh interpreter and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    imports = [fresh(IMPORT) for _ in range(runs)]
    print(
        f"import      median {statistics.median(run['seconds'] for run in imports) * 1e3:7.1f} ms, "
        f"{imports[0]['modules']} modules, {imports[0]['ours']} of them ours"
    )
    empty = [fresh(SETUP.replace("set_up", "bare"))["seconds"] for _ in range(runs)]
    full = [fresh(SETUP)["seconds"] for _ in range(runs)]
    without, with_site = statistics.median(empty), statistics.median(full)
    print(f"start       median {without * 1e3:7.1f} ms without a site, {with_site * 1e3:7.1f} ms with one")
    print(f"added       {(with_site - without) * 1e3:7.1f} ms, {with_site / without:.2f} times the start without")


if __name__ == "__main__":
    main()
