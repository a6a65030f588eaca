"""The questions about who sends statements: address, taxes, bank account, letters, and payments online."""

import asyncio
from functools import partial
from typing import Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_COUNTRY, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import FileSelector, FileSelectorConfig
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import (
    CONF_BANK_ACCOUNT,
    CONF_BIC,
    CONF_COMPANY_NUMBER,
    CONF_EXEMPTION,
    CONF_FIRST_NUMBER,
    CONF_FIRST_NUMBER_YEAR,
    CONF_LOGO,
    CONF_NUMBER_PREFIX,
    CONF_PAYMENT_DAYS,
    CONF_REFERENCE_STYLE,
    CONF_STRIPE_ACCOUNT,
    CONF_STRIPE_KEY,
    CONF_SWISH,
    CONF_TAX_NUMBER,
    CONF_VAT_NUMBER,
    CONF_WEBHOOK_SECRET,
    SUBENTRY_ISSUER,
)
from ..ledger import Ledger, Numbering
from ..ledger.numbers import next_number
from ..logos import LARGEST, keep_logo, kind_of
from ..parties import CREDITOR, NUMBER, PAYMENT_DAYS
from ..payment_hook import hook_url
from ..payments import PROVIDERS
from ..payments.errors import KeyRefused, PaymentError, Refused
from ..payments.port import Account
from ..payments.stripe_shapes import KEY as STRIPE
from ..till import address_of
from .equipment import EquipmentFlow
from .fields import (
    BANK,
    LETTER,
    ONLINE,
    SECRET,
    TAXES,
    TEXT,
    YES_OR_NO,
    Answers,
    choice,
    flat,
    fold,
    given,
    number,
    whole,
)
from .party_fields import PARTY_FIELDS, checked
from .probe import Unfit, told
from .questions import subentry_of

LOGO_FILE: Final = "logo_file"
FORGET_LOGO: Final = "forget_logo"
FORGET_KEY: Final = "forget_key"

_LAST_NUMBER: Final = 999_999

_EXEMPTIONS: Final = ("small_business", "private", "exempt", "outside_scope")
_SECRET_KEYS: Final = ("sk_", "rk_")
_NOT_KNOWN: Final = "\u2013"
_PATIENCE: Final = 20.0
"""How long a provider may take to say whose key it is, in s."""

_SECRETS: Final = (CONF_STRIPE_KEY, CONF_WEBHOOK_SECRET, CONF_STRIPE_ACCOUNT)
_ONLY_ASKED: Final = (LOGO_FILE, FORGET_LOGO, FORGET_KEY)


def issuer_form(*, has_logo: bool, has_key: bool) -> vol.Schema:
    """Return the form. What is kept of logo and keys is not shown again: it may only be replaced or forgotten."""
    letter: dict[vol.Marker, object] = {
        vol.Required(CONF_PAYMENT_DAYS, default=PAYMENT_DAYS): number(0, 365, 1, "d"),
        vol.Optional(CONF_NUMBER_PREFIX): TEXT,
        vol.Optional(CONF_FIRST_NUMBER): number(1, _LAST_NUMBER),
        vol.Optional(LOGO_FILE): FileSelector(FileSelectorConfig(accept=".png,.jpg,.jpeg,image/png,image/jpeg")),
    }
    online: dict[vol.Marker, object] = {
        vol.Optional(CONF_STRIPE_KEY): SECRET,
        vol.Optional(CONF_WEBHOOK_SECRET): SECRET,
    }
    if has_logo:
        letter[vol.Required(FORGET_LOGO, default=False)] = YES_OR_NO
    if has_key:
        online[vol.Required(FORGET_KEY, default=False)] = YES_OR_NO
    taxes = {
        vol.Optional(CONF_VAT_NUMBER): TEXT,
        vol.Optional(CONF_TAX_NUMBER): TEXT,
        vol.Optional(CONF_COMPANY_NUMBER): TEXT,
        vol.Optional(CONF_EXEMPTION): choice("exemption", _EXEMPTIONS),
    }
    bank = {
        vol.Optional(CONF_BANK_ACCOUNT): TEXT,
        vol.Optional(CONF_BIC): TEXT,
        vol.Required(CONF_REFERENCE_STYLE, default=CREDITOR): choice("reference_style", (CREDITOR, NUMBER)),
        vol.Optional(CONF_SWISH): TEXT,
    }
    return vol.Schema(
        PARTY_FIELDS | fold(TAXES, taxes) | fold(BANK, bank) | fold(LETTER, letter) | fold(ONLINE, online)
    )


class IssuerFlow(EquipmentFlow):
    """Who sends statements."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self._ask_issuer("user", answers)

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self._ask_issuer("reconfigure", answers)

    async def _ask_issuer(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        known: Answers = {} if self.present is None else dict(self.present.data)
        errors: dict[str, str] = {}
        following = await self._next_number()
        if answers is not None:
            kept: Answers = {}
            with told(errors):
                kept = await self._looked_at(whole(given(answers), CONF_PAYMENT_DAYS, CONF_FIRST_NUMBER), known)
                kept |= _numbered(kept.pop(CONF_FIRST_NUMBER, following), following)
            if not errors:
                return self.keep(subentry_of(SUBENTRY_ISSUER, kept.pop(CONF_NAME), kept, None))
            suggested = {key: value for key, value in flat(answers).items() if key not in (LOGO_FILE, *_SECRETS)}
        elif self.present is not None:
            suggested = {key: value for key, value in known.items() if key not in _SECRETS}
            suggested[CONF_NAME] = self.present.title
            begun = known.get(CONF_FIRST_NUMBER, 1) if known.get(CONF_FIRST_NUMBER_YEAR) == dt_util.now().year else 1
            suggested[CONF_FIRST_NUMBER] = max(begun, following)
        else:
            suggested = {CONF_COUNTRY: self.hass.config.country} if self.hass.config.country else {}
        form = issuer_form(has_logo=CONF_LOGO in known, has_key=CONF_STRIPE_KEY in known)
        account = str(known.get(CONF_STRIPE_ACCOUNT, _NOT_KNOWN))
        webhook = hook_url(self.hass, self._get_entry().entry_id) or _NOT_KNOWN
        return self.ask(step, form, suggested, errors, account=account, webhook=webhook, number=str(following))

    async def _next_number(self) -> int:
        """Return the number after the last that was given this year, 1 where nobody knows."""
        if self.present is None or self.running is None:
            return 1
        numbering = Numbering(issuer=self.present.subentry_id, year=dt_util.now().year)
        try:
            return await self.running.sessions.books.async_read(partial(_following, numbering=numbering))
        except HomeAssistantError:
            # Whatever is answered then, no number is given twice.
            return 1

    async def _looked_at(self, said: Answers, known: Answers) -> Answers:
        """Return what is kept of the answers; raises `Unfit`."""
        kept = {key: value for key, value in checked(said).items() if key not in _ONLY_ASKED}
        if not said.get(FORGET_KEY):
            kept = {key: known[key] for key in _SECRETS if key in known} | kept
            if CONF_STRIPE_KEY in said:
                kept[CONF_STRIPE_ACCOUNT] = await self._account(said[CONF_STRIPE_KEY])
            if not str(kept.get(CONF_WEBHOOK_SECRET, "whsec_")).startswith("whsec_"):
                raise Unfit("no_webhook_secret", CONF_WEBHOOK_SECRET)
        else:
            kept = {key: value for key, value in kept.items() if key not in _SECRETS}
        if CONF_LOGO in known and not said.get(FORGET_LOGO):
            kept[CONF_LOGO] = known[CONF_LOGO]
        if (upload := said.get(LOGO_FILE)) is not None:
            kept[CONF_LOGO] = await self.hass.async_add_executor_job(_logo, self.hass, upload)
        return kept

    async def _account(self, key: str) -> str:
        """Ask the provider whose key it is; raises `Unfit`."""
        if not key.startswith(_SECRET_KEYS):
            raise Unfit("no_secret_key", CONF_STRIPE_KEY)
        try:
            return _called(await _account_of(self.hass, key))
        except (KeyRefused, Refused) as err:
            raise Unfit("key_refused", CONF_STRIPE_KEY) from err
        except (PaymentError, TimeoutError) as err:
            raise Unfit("provider_unreachable", CONF_STRIPE_KEY) from err


async def _account_of(hass: HomeAssistant, key: str) -> Account:
    stripe = PROVIDERS[STRIPE]
    async with asyncio.timeout(_PATIENCE):
        return await stripe.build(async_get_clientsession(hass), key, address_of(hass, STRIPE)).account()


def _following(ledger: Ledger, *, numbering: Numbering) -> int:
    with ledger.database.read() as connection:
        return next_number(connection, numbering)


def _numbered(first: int, following: int) -> Answers:
    """Return where the numbers of this year go on, if that is not where they would go on anyway."""
    if first < following:
        raise Unfit("number_given", CONF_FIRST_NUMBER)
    return {} if first == following else {CONF_FIRST_NUMBER: first, CONF_FIRST_NUMBER_YEAR: dt_util.now().year}


def _called(account: Account) -> str:
    """Return what an account is called; one that only tries says so."""
    name = account.name or account.id
    return name if account.live else f"{name} (test)"


def _logo(hass: HomeAssistant, upload: str) -> str:
    with process_uploaded_file(hass, upload) as path:
        if path.stat().st_size > LARGEST:
            raise Unfit("logo_too_large")
        content = path.read_bytes()
    if kind_of(content) is None:
        raise Unfit("no_picture")
    return keep_logo(hass, content)
