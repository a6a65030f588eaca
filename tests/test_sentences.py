"""Reasons in words: every figure as people read it."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
import pytest

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import Reason, ReasonKey
from custom_components.smart_evse.engine.reasons import REASON_PLACEHOLDERS
from custom_components.smart_evse.sentences import advice, sentence

EVENING = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def texts(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    hass.config.currency = "EUR"
    freezer.move_to(EVENING)
    await async_load_integrations(hass, {DOMAIN})


def departing(at: datetime) -> Reason:
    return Reason(ReasonKey.PLAN_DEPARTURE, (("time", at.isoformat()),))


async def test_a_time_today_is_that_of_the_clock_on_the_wall(hass: HomeAssistant) -> None:
    told = sentence(hass, departing(EVENING + timedelta(hours=2)))
    assert told == "Charging now so that the car is ready for its departure: 22:00."


async def test_a_time_of_another_day_names_it(hass: HomeAssistant) -> None:
    told = sentence(hass, departing(EVENING + timedelta(hours=11, minutes=30)))
    assert told.endswith("departure: Wednesday 07:30.")


async def test_a_price_has_the_site_s_currency(hass: HomeAssistant) -> None:
    told = sentence(hass, Reason(ReasonKey.CHEAP_NOW, (("price", "0.103"),)))
    assert told == "Charging because the price is low: 0.103 EUR per kWh."


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ("0.300", "0.30"),
        ("-0.015", "-0.015"),
        ("0.000", "0.00"),
        ("1.236", "1.24"),
        ("84.000", "84.00"),
        ("1234.5", "1234"),
    ],
)
async def test_a_price_is_a_plain_number_in_any_currency(hass: HomeAssistant, price: str, shown: str) -> None:
    hass.config.currency = "HUF"
    assert f" {shown} HUF " in sentence(hass, Reason(ReasonKey.CHEAP_NOW, (("price", price),)))


@pytest.mark.parametrize(
    ("language", "mark"), [("en", "."), ("en-GB", "."), ("de", ","), ("nl", ","), ("fr", ","), ("sv", ",")]
)
async def test_figures_are_written_as_the_language_does(hass: HomeAssistant, language: str, mark: str) -> None:
    hass.config.language = language
    await async_load_integrations(hass, {DOMAIN})
    assert f"0{mark}103 EUR" in sentence(hass, Reason(ReasonKey.CHEAP_NOW, (("price", "0.103"),)))
    fuse = Reason(ReasonKey.MAIN_FUSE, (("phase", "L2"), ("headroom", "7.5")))
    assert f"7{mark}5" in sentence(hass, fuse)


@pytest.mark.parametrize(("minutes", "says"), [(-10, False), (0, False), (10, True)])
async def test_a_next_start_lies_ahead(hass: HomeAssistant, minutes: int, *, says: bool) -> None:
    start = EVENING + timedelta(minutes=minutes)
    told = sentence(hass, Reason(ReasonKey.PLAN_WAITING, (("time", start.isoformat()),)))
    assert ("Next start" in told) is says
    assert told.startswith("Waiting for a better time")


async def test_a_figure_that_is_none_is_shown_as_it_is(hass: HomeAssistant) -> None:
    assert sentence(hass, Reason(ReasonKey.PLAN_WAITING, (("time", "soon"),))).endswith("Next start: soon.")


@pytest.mark.parametrize("key", ReasonKey)
async def test_every_reason_is_a_sentence_with_its_figures_in_it(hass: HomeAssistant, key: ReasonKey) -> None:
    figures = {name: EVENING.isoformat() if name == "time" else "7" for name in REASON_PLACEHOLDERS[key]}
    for told in (sentence(hass, Reason(key, tuple(figures.items()))), advice(hass, key)):
        assert told.endswith(".")
        assert "{" not in told
        assert not told.startswith(("reason_", "help_"))
