"""Home Assistant with what this needs and no more: no frontend, nothing that wants a network. A program.

Its core, its storage, its event loop and its end are the real ones; only what it would set up besides is left out.
"""

import sys
from typing import Final

from homeassistant import bootstrap, runner

_NOTHING: Final = set[str]()


def main(folder: str) -> int:
    """Run it until it is told to end, or killed."""
    bootstrap.DEFAULT_INTEGRATIONS = _NOTHING
    # Without a frontend it would think itself broken and start over in recovery mode.
    bootstrap.CRITICAL_INTEGRATIONS = _NOTHING
    return runner.run(runner.RuntimeConfig(config_dir=folder, skip_pip=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
