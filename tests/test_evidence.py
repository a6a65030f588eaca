"""What a meter signs comes on record with its session and is judged by the keys that its owner trusts."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.smart_evse.chargers.demo import DemoCharger
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.engine.statements.model import Evidence
from custom_components.smart_evse.ledger import EvidenceBook
from custom_components.smart_evse.ledger.errors import Unreadable
from custom_components.smart_evse.links.demo import CAPACITY, DemoHouse
from custom_components.smart_evse.links.demo_signatures import NUMBER, demo_key
from custom_components.smart_evse.session_evidence import evidence_of
from custom_components.smart_evse.signed.keys import read_key, written
from custom_components.smart_evse.signed.model import Signed
from custom_components.smart_evse.signed.verifying import verify
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, make_site
from tests.on_record import on_record, read, until
from tests.signed.meter import SigningMeter, reading

__all__ = ["make_site"]

METER = SigningMeter()
IDLE = replace(CONNECTED, state=VehicleState.NOT_CONNECTED, energy_in=1_000_000.0)


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    return await make_site(Box(AC, says=(IDLE,)))


async def ask(site: Site, action: str, context: Context | None = None, **data: object) -> dict[str, Any]:
    answer = await site.hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    await site.settle()
    return dict(answer or {})


async def charge(site: Site, meter: SigningMeter = METER, *, begin: float = 1000.0, end: float = 1007.5) -> None:
    """Let a car come, take 7.5 kWh and leave, while the meter signs."""
    first, last = meter.charge(begin, end)
    await stay(site, (first,))
    await site.read(replace(IDLE, energy_in=1_007_500.0, signed=(first, last)))


async def stay(site: Site, signed: tuple[Signed, ...], *, register: float = 1_000_000.0) -> None:
    """Let a car take 7.5 kWh in an hour and a half."""
    for step in range(19):
        await site.read(replace(CHARGING, energy_in=register + step * 7500 / 18, signed=signed))
        site.freezer.tick(299)


async def kept(site: Site, count: int) -> list[Signed | None]:
    """Return what is kept of all sessions, once there is so much of it."""

    def look() -> list[Signed | None]:
        return [one.signed for values in found.values() for one in values]

    found: dict[str, Any] = {}
    for _ in range(300):
        sessions = [record.id for record, _ in await on_record(site)]
        found = await read(site, lambda book, asked=sessions: EvidenceBook(book.ledger).of(asked))
        if len(look()) == count:
            return look()
        await until(site, lambda: True)
    pytest.fail(f"{len(look())} are kept")


def issues(site: Site) -> dict[str, dict[str, str] | None]:
    site.coordinator.beat()
    known = ir.async_get(site.hass).issues.values()
    return {one.translation_key or "": one.translation_placeholders for one in known if "meter_key" in one.issue_id}


async def test_what_was_signed_comes_on_record_with_its_session(site: Site) -> None:
    await charge(site)
    first, last = await kept(site, 2)
    assert first is not None
    assert last is not None
    assert verify(first, [read_key(METER.key)]).evidence is Evidence.VERIFIED
    ((record, _),) = await on_record(site)
    answer = await ask(site, "get_session", session=record.id)
    assert answer["evidence"] == "not_checkable"
    assert answer["signed"]["reason"] == "key_not_confirmed"
    await until(site, lambda: bool(issues(site)))
    assert issues(site) == {
        "meter_key_unconfirmed": {"site": "Home", "meter": "1ABC0001", "key": METER.key},
    }


async def test_once_the_owner_has_confirmed_the_key_it_is_verified(site: Site) -> None:
    await charge(site)
    await kept(site, 2)
    answer = await ask(site, "trust_meter_key", meter="1ABC0001")
    assert answer == {"site": "Home", "meter": "1ABC0001", "key": METER.key, "state": "confirmed"}
    assert issues(site) == {}
    (told,) = (await ask(site, "list_sessions"))["sessions"]
    assert told["evidence"] == "verified"
    signed = (await ask(site, "get_session", session=told["session"]))["signed"]
    assert signed == {
        "reason": "signed",
        "meters": ["1ABC0001"],
        "records": [{"evidence": "verified", "reason": "signed"}] * 2,
        "amounts": [{"register": "1-0:1.8.0", "flow": "import", "energy": 7.5}],
        "findings": [],
    }


async def test_a_record_with_another_key_is_not_verified_and_the_owner_is_told(site: Site) -> None:
    await ask(site, "trust_meter_key", meter="1ABC0001", key=METER.key)
    forger = SigningMeter()
    await charge(site, forger)
    await kept(site, 2)
    ((record, _),) = await on_record(site)
    answer = await ask(site, "get_session", session=record.id)
    assert (answer["evidence"], answer["signed"]["reason"]) == ("not_verified", "other_key")
    await until(site, lambda: bool(issues(site)))
    assert issues(site) == {"meter_key_differs": {"site": "Home", "meter": "1ABC0001", "key": forger.key}}
    await ask(site, "trust_meter_key", meter="1ABC0001", trust=False)
    assert issues(site) == {}
    assert (await ask(site, "get_session", session=record.id))["evidence"] == "not_verified"


async def test_another_amount_than_the_chargers_register_is_told(site: Site) -> None:
    await ask(site, "trust_meter_key", meter="1ABC0001", key=METER.key)
    await charge(site, end=1008.5)
    await kept(site, 2)
    ((record, _),) = await on_record(site)
    answer = await ask(site, "get_session", session=record.id)
    assert answer["evidence"] == "verified"
    assert answer["signed"]["findings"] == [{"key": "differs", "spoils": "energy", "detail": "8500 ≠ 7500 Wh"}]


async def test_what_is_told_again_stays_with_its_session(site: Site) -> None:
    await charge(site)
    first, last = await kept(site, 2)
    assert first is not None
    assert last is not None
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    # The next car comes while the charger still tells of the last.
    later = METER.record(reading("B", 1007.5), PG="T3")
    await stay(site, (first, last, later), register=1_007_500.0)
    await site.read(replace(IDLE, energy_in=1_015_000.0, signed=(later,)))
    one, other = [record for record, _ in await on_record(site, lambda told: len(told) == 2)]
    await kept(site, 3)
    found = await read(site, lambda book: EvidenceBook(book.ledger).of([one.id, other.id]))
    assert [value.signed for value in found[one.id]] == [first, last]
    assert [value.signed for value in found[other.id]] == [later]


async def test_what_cannot_be_written_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> str:
        raise Unreadable("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(EvidenceBook, "keep", broken)
        await charge(site)
        await until(site, lambda: site.coordinator.sessions.books.trouble is not None)
    site.freezer.tick(31)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await until(site, lambda: site.coordinator.sessions.books.trouble is None)
    site.coordinator.beat()
    await site.read(replace(IDLE, energy_in=1_007_500.0, signed=METER.charge(1, 2)[:1]))
    assert len(await kept(site, 3)) == 3


async def test_what_is_no_text_and_what_has_no_end_is_left_alone(site: Site) -> None:
    odd = (Signed(text="\ud800"), Signed(text="x" * 70_000), Signed(text="AP;0;3;ALCV3ABB", method="ALFEN"))
    await stay(site, odd)
    await site.read(replace(IDLE, energy_in=1_007_500.0))
    assert await kept(site, 1) == [odd[2]]
    (told,) = (await ask(site, "list_sessions"))["sessions"]
    assert told["evidence"] == "not_checkable"


async def test_what_is_signed_before_the_session_begins_waits_for_it(site: Site) -> None:
    await charge(site)
    first, last = await kept(site, 2)
    assert first is not None
    assert last is not None
    later = METER.record(reading("B", 1007.5), PG="T3")
    # A car is there, and the register of the charger is not known yet.
    for _ in range(3):
        await site.read(replace(CHARGING, energy_in=None, power=None, signed=(first, last, later)))
    await stay(site, (later,), register=1_007_500.0)
    await site.read(replace(IDLE, energy_in=1_015_000.0, signed=(later,)))
    one, other = [record for record, _ in await on_record(site, lambda told: len(told) == 2)]
    await kept(site, 3)
    found = await read(site, lambda book: EvidenceBook(book.ledger).of([one.id, other.id]))
    assert [len(found[each.id]) for each in (one, other)] == [2, 1]


async def test_nobody_is_asked_about_any_number_of_keys(site: Site) -> None:
    made_up = tuple(SigningMeter(number=f"M{number}").record(reading("B", 1)) for number in range(30))
    await stay(site, made_up)
    await site.read(replace(IDLE, energy_in=1_007_500.0, signed=made_up))
    await kept(site, 30)
    site.coordinator.beat()
    raised = [one for one in ir.async_get(site.hass).issues.values() if "meter_key" in one.issue_id]
    assert len(raised) == 20


async def test_a_file_for_the_transparency_tools(site: Site) -> None:
    await charge(site)
    await kept(site, 2)
    await ask(site, "trust_meter_key", meter="1ABC0001")
    ((record, _),) = await on_record(site)
    answer = await ask(site, "export_signed_values", session=record.id)
    ((file,), records) = answer["files"], answer["records"]
    root = ET.fromstring(await site.hass.async_add_executor_job(Path(file["path"]).read_bytes))
    assert records == len(root) == 2
    assert {value.findtext("publicKey") for value in root} == {METER.key}
    with pytest.raises(ServiceValidationError, match="no session"):
        await ask(site, "export_signed_values", session="other")


async def test_where_nothing_is_signed_nothing_is_said(site: Site) -> None:
    await stay(site, ())
    await site.read(replace(IDLE, energy_in=1_007_500.0))
    ((record, _),) = await on_record(site)
    answer = await ask(site, "get_session", session=record.id)
    assert (answer["evidence"], answer["signed"]) == (None, None)
    with pytest.raises(ServiceValidationError, match="signed"):
        await ask(site, "export_signed_values", session=record.id)


@pytest.mark.parametrize(
    ("data", "match"), [({}, "1ABC0001"), ({"key": "no key"}, "can be read"), ({"key": "3059"}, "can be read")]
)
async def test_a_key_that_nobody_means_is_a_mistake(site: Site, data: dict[str, str], match: str) -> None:
    with pytest.raises(ServiceValidationError, match=match):
        await ask(site, "trust_meter_key", meter="1ABC0001", **data)


async def test_a_label_may_show_the_bare_point(site: Site) -> None:
    point = METER.key[-128:].upper()
    assert (await ask(site, "trust_meter_key", meter="1ABC0001", key=point))["key"] == METER.key
    small = SigningMeter("brainpool384r1", number="2")
    await charge(site, small)
    await kept(site, 2)
    assert (await ask(site, "trust_meter_key", meter="2", key=small.key[-192:]))["key"] == small.key


async def test_only_administrators_say_whose_a_key_is(site: Site) -> None:
    somebody = Context(user_id=MockUser(name="Ada").add_to_hass(site.hass).id)
    with pytest.raises(ServiceValidationError):
        await ask(site, "trust_meter_key", somebody, meter="1ABC0001", key=METER.key)
    owner = MockUser(is_owner=True).add_to_hass(site.hass)
    await ask(site, "trust_meter_key", Context(user_id=owner.id), meter="1ABC0001", key=METER.key)
    with_name = await read(site, lambda book: [one.body for one in _records(book.ledger)])
    assert any(owner.id in body for body in with_name)


def _records(ledger: Any) -> list[Any]:  # noqa: ANN401 - whatever it holds
    with ledger.database.read() as connection:
        return list(connection.exec_driver_sql("SELECT body FROM record WHERE kind = 'meter_key'"))


async def test_the_simulated_charger_signs_from_begin_to_end(make_site: MakeSite) -> None:
    """From the driver to the verdict, with nothing in between that is not real."""
    now = [1000.0]
    house = DemoHouse(clock=lambda: now[0])
    site = await make_site(DemoCharger(house))  # type: ignore[arg-type]
    house.box.charge = CAPACITY - 3000
    line = next(iter(site.coordinator.equipment.chargers.values()))

    async def pass_by(seconds: float) -> None:
        now[0] += seconds
        site.freezer.tick(seconds)
        line.reader.hurry()
        await site.settle()
        site.coordinator.beat()
        await site.settle()

    await ask(site, "trust_meter_key", meter=NUMBER, key=written(demo_key()))
    while house.plugged:
        house.set_limit(16.0)
        await pass_by(30)
    await pass_by(1)
    await pass_by(1)
    ((record, _),) = await on_record(site)
    await kept(site, 2)
    evidence = await read(site, lambda book: evidence_of(EvidenceBook(book.ledger), [record]))
    assert evidence[record.id].verdict.evidence is Evidence.VERIFIED
    (amount,) = evidence[record.id].amounts
    assert abs(amount.energy - record.energy_in) < 2
    assert {remark.key for remark in evidence[record.id].remarks} == {"clock_unset"}
