"""The demo's payment provider: an imitation of Stripe beside the house, and what tells Home Assistant where it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import time
from typing import Final

from ..payments import CardNetwork
from ..sockets.stripe import StripeServer

KEY: Final = "sk_test_demo"
"""With such a key no money moves, wherever it is used."""

_COMPONENT: Final = "demo_bank"
_MANIFEST: Final = {
    "domain": _COMPONENT,
    "name": "Demo bank",
    "codeowners": [],
    "documentation": "https://github.com/smart-evse/smart-evse",
    "iot_class": "calculated",
    "version": "0.0.1",
}
_CODE: Final = '''"""Tells the integration where the demo's payment provider is."""


async def async_setup(hass, config):
    hass.data["smart_evse_payment_addresses"] = {{"stripe": {url!r}}}
    return True
'''


@asynccontextmanager
async def bank() -> AsyncIterator[StripeServer]:
    """Let a provider answer on a socket of this machine."""
    server = StripeServer(CardNetwork(time.time), KEY)
    await server.open()
    try:
        yield server
    finally:
        await server.close()


def tell_where(folder: Path, url: str) -> None:
    """Put what tells Home Assistant of the provider into its configuration folder."""
    room = folder / "custom_components" / _COMPONENT
    room.mkdir(parents=True)
    (room / "manifest.json").write_text(json.dumps(_MANIFEST))
    (room / "__init__.py").write_text(_CODE.format(url=url))
    with (folder / "configuration.yaml").open("a") as configuration:
        configuration.write(f"{_COMPONENT}:\n")
