"""A backup comes back: what was paid since is paid here again, and nobody is asked to pay it twice."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.backup import async_post_backup, async_pre_backup
from custom_components.smart_evse.engine.statements.model import StatementState
from simulator.payments import CardNetwork
from simulator.sockets.stripe import Fault, StripeServer
from tests.home import MakeSite, Site, make_site
from tests.on_record import ledger_file, pause
from tests.paying import account, becomes, go, paid_site, statements, stripe
from tests.stated import ask, invoice
from tests.test_guests_who_pay import charged

__all__ = ["account", "make_site", "stripe"]

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def site(hass: HomeAssistant, make_site: MakeSite, stripe: StripeServer) -> Site:
    return await paid_site(make_site, stripe, hass)


@dataclass
class Backup:
    """A copy of the ledger, and of what the tills keep."""

    site: Site
    storage: dict[str, Any]
    file: Path

    def __post_init__(self) -> None:
        self._key = f"smart_evse.{self.site.entry.entry_id}.payments"
        self._tills: Any = None

    async def make(self) -> None:
        await async_pre_backup(self.site.hass)
        await self.site.hass.async_add_executor_job(shutil.copy, ledger_file(self.site), self.file)
        self._tills = deepcopy(self.storage.get(self._key))
        await async_post_backup(self.site.hass)

    async def restore(self, *, ledger_alone: bool = False) -> None:
        """Stop, put the copy in place of what is there, and start."""
        site = self.site
        assert await site.hass.config_entries.async_unload(site.entry.entry_id)
        await site.hass.async_add_executor_job(shutil.copy, self.file, ledger_file(site))
        if not ledger_alone:
            self.storage.pop(self._key, None)
            self.storage |= {} if self._tills is None else {self._key: self._tills}
        assert await site.hass.config_entries.async_setup(site.entry.entry_id)
        await site.settle()
        del site.meters[0]
        await site.sample(1000.0)


@pytest.fixture
def backup(site: Site, hass_storage: dict[str, Any], tmp_path: Path) -> Backup:
    return Backup(site, hass_storage, tmp_path / "copy.db")


async def paid_on_its_page(site: Site, account: CardNetwork) -> str:
    told = await ask(site, "payment_link", statement="EV-2026-0001")
    page = str(told["url"]).rpartition("/")[2]
    assert account.pay(page)
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    return page


@pytest.mark.parametrize("ledger_alone", [False, True])
async def test_what_was_paid_since_the_backup_is_paid_again(
    site: Site, account: CardNetwork, backup: Backup, *, ledger_alone: bool
) -> None:
    await invoice(site)
    await backup.make()
    page = await paid_on_its_page(site, account)
    await backup.restore(ledger_alone=ledger_alone)
    after = await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert [(each.reference, each.amount) for each in after.standing.events] == [(page, after.statement.total)]
    assert (await ask(site, "payment_link", statement="EV-2026-0001"))["url"] is None
    assert len(account.taken) == 1


async def test_it_is_asked_until_there_is_an_answer(
    site: Site, stripe: StripeServer, account: CardNetwork, backup: Backup
) -> None:
    await invoice(site)
    await backup.make()
    await paid_on_its_page(site, account)
    stripe.faults = [Fault.BUSY] * 10_000
    await backup.restore()
    for _ in range(20):
        await go(site, 10)
    assert (await statements(site))[-1].standing.state is StatementState.OPEN
    # Restarted, nothing says any more that the ledger came back.
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    stripe.faults.clear()
    await becomes(site, lambda one: one.standing.state is StatementState.PAID, passing=600)
    assert len(account.taken) == 1


async def test_a_guests_bill_that_is_made_once_more_is_not_paid_once_more(
    site: Site, stripe: StripeServer, account: CardNetwork, backup: Backup
) -> None:
    # While nobody sends bills, the session is on record without one.
    sender = site.entry.subentries["issuer-Olle Owner"]
    site.hass.config_entries.async_remove_subentry(site.entry, sender.subentry_id)
    await site.settle()
    guest = str((await ask(site, "add_guest", name="Kim", tariff="Home"))["id"])
    await charged(site, guest)
    await backup.make()
    site.hass.config_entries.async_add_subentry(site.entry, sender)
    bill = await becomes(site, lambda one: one.statement.driver == guest)
    told = await ask(site, "payment_link", statement=bill.statement.id)
    assert account.pay(str(told["url"]).rpartition("/")[2])
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    stripe.forget_keys()
    await go(site, 3 * 24 * 3600)
    await backup.restore()
    again = await becomes(site, lambda one: one.statement.driver == guest)
    assert again.statement.id == bill.statement.id
    assert (await ask(site, "payment_link", statement=bill.statement.id))["url"] is None
    await becomes(site, lambda one: one.standing.state is StatementState.PAID)
    assert len(account.taken) == 1


async def test_nothing_is_asked_where_nothing_came_back(site: Site, stripe: StripeServer) -> None:
    await invoice(site)
    for _ in range(5):
        await pause(site)
        await go(site, 1000)
    assert stripe.requests == []
