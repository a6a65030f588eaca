"""Links of our own that strangers may open: to pay a statement, to see a stay, to leave a card.

Nobody guesses one: each is signed with the site's secret, which is in no ledger and in no backup of one. It says what
it opens and for whom, so that nothing has to be kept of it.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
import hmac
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .ledger.statements import StatementOnRecord
from .payments.port import PaymentRequest

_HOME: Final = "https://github.com/smart-evse/smart-evse/blob/main/docs/money.md#paid"
"""Where a payer's browser goes afterwards if nobody knows an address of this Home Assistant."""

_SEAL: Final = 16
"""So many bytes nobody guesses."""


class Opens(StrEnum):
    """What a link opens."""

    PAY = "pay"
    """A statement, by its id."""
    STAY = "stay"
    """What a guest sees of their stay, by the guest's id."""
    CARD = "card"
    """The page on which a driver leaves a card, by the driver's id."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is ours: which site it is of, and whose or what it opens."""

    site: SiteCoordinator
    subject: str


@callback
def path_to(site: SiteCoordinator, what: Opens, subject: str) -> str:
    """Return the path of a link."""
    return f"/api/{DOMAIN}/{what}/{_token(site, what, subject)}"


@callback
def link_to(site: SiteCoordinator, what: Opens, subject: str) -> str | None:
    """Return a link, `None` where nobody knows an address of this Home Assistant."""
    try:
        return f"{get_url(site.hass, prefer_external=True)}{path_to(site, what, subject)}"
    except NoURLAvailableError:
        return None


@callback
def opened(hass: HomeAssistant, what: Opens, token: str) -> Opened | None:
    """Return what the token of a link opens, `None` if it is not ours."""
    told = token.partition(".")[0]
    try:
        subject = _plain(told).decode()
    except ValueError, binascii.Error:
        return None
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        site: SiteCoordinator = entry.runtime_data
        if hmac.compare_digest(_token(site, what, subject).encode(), token.encode()):
            return Opened(site, subject)
    return None


def request_for(
    site: str, found: StatementOnRecord, back: str | None = None, *, cancel: str | None = None
) -> PaymentRequest:
    """Return what a provider is asked for: all of a statement that is open. `back` is where the payer goes then."""
    statement = found.statement
    return PaymentRequest(
        statement=statement.id,
        site=site,
        number=statement.number or statement.id,
        amount=found.standing.open,
        currency=statement.currency,
        description=f"{statement.issuer.name} {statement.number or ''}".strip(),
        language=statement.language[:2],
        return_url=back or _HOME,
        cancel_url=cancel or back,
        since=statement.until,
    )


def _token(site: SiteCoordinator, what: Opens, subject: str) -> str:
    secret = site.store.access.kept.secret
    seal = hmac.digest(secret, f"link {what} {subject}".encode(), "sha256")[:_SEAL]
    return f"{_base64(subject.encode())}.{_base64(seal)}"


def _base64(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _plain(told: str) -> bytes:
    return base64.b64decode(told + "=" * (-len(told) % 4), altchars=b"-_", validate=True)
