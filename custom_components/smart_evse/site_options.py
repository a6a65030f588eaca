"""What the owner said of the whole site, as the engine's settings: its battery, its tariffs, its contracts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .const import (
    CONF_BATTERY_FEEDS_CAR,
    CONF_BATTERY_POLICY,
    CONF_BATTERY_UNTIL,
    CONF_CAPACITY,
    CONF_CAPACITY_PRICE,
    CONF_CAPACITY_TARIFF,
    CONF_CHARGE_POWER,
    CONF_DISCHARGE_POWER,
    CONF_EFFICIENCY,
    CONF_EXPORT_ADD,
    CONF_EXPORT_FACTOR,
    CONF_EXPORT_KIND,
    CONF_EXPORT_VAT,
    CONF_LIMIT,
    CONF_OTHERS,
    CONF_PARENT,
    CONF_PRICE_ADD,
    CONF_PRICE_BANDS,
    CONF_PRICE_FACTOR,
    CONF_PRICE_KIND,
    CONF_PRICE_VAT,
    SUBENTRY_BATTERY,
    SUBENTRY_CIRCUIT,
)
from .engine.capacity_presets import PRESETS
from .engine.capacity_tariff import CapacityTariff
from .engine.forecast.horizon import FLAT_EXPORT, FLAT_IMPORT
from .engine.forecast.prices import Contract
from .engine.model import Circuit
from .engine.settings import BatteryPolicy, BatterySettings
from .records import made
from .tariffs.fixed import contract

type Data = Mapping[str, Any]

_KILO = 1000.0


class PriceKind(StrEnum):
    """Where the price of a kWh comes from: nowhere, from entities, from the contract alone, or as the import's."""

    NONE = "none"
    ENTITIES = "entities"
    FIXED = "fixed"
    SAME = "same"


def buying(options: Data) -> Contract:
    """Return what a kWh from the grid costs."""
    kind = PriceKind(options.get(CONF_PRICE_KIND, PriceKind.NONE))
    if kind is PriceKind.NONE:
        return contract(market=False, add=FLAT_IMPORT)
    return contract(
        market=kind is PriceKind.ENTITIES,
        factor=float(options.get(CONF_PRICE_FACTOR, 1.0)),
        add=float(options.get(CONF_PRICE_ADD, 0.0)),
        vat=float(options.get(CONF_PRICE_VAT, 0.0)),
        bands=options.get(CONF_PRICE_BANDS, ()),
    )


def selling(options: Data) -> Contract:
    """Return what a kWh into the grid earns."""
    kind = PriceKind(options.get(CONF_EXPORT_KIND, PriceKind.NONE))
    if kind is PriceKind.NONE:
        return contract(market=False, add=FLAT_EXPORT)
    return contract(
        market=kind is not PriceKind.FIXED,
        factor=float(options.get(CONF_EXPORT_FACTOR, 1.0)),
        add=float(options.get(CONF_EXPORT_ADD, 0.0)),
        vat=float(options.get(CONF_EXPORT_VAT, 0.0)),
    )


def capacity_tariff(options: Data, zone: str) -> CapacityTariff | None:
    """Return the capacity tariff: a preset by its name, or one of its own, at the owner's price for a kW and month."""
    chosen = options.get(CONF_CAPACITY_TARIFF)
    if not chosen:
        return None
    tariff = _tariff(chosen, zone)
    price = options.get(CONF_CAPACITY_PRICE)
    return tariff if tariff is None or price is None else replace(tariff, price=float(price))


def _tariff(chosen: str | Data, zone: str) -> CapacityTariff | None:
    if isinstance(chosen, str):
        preset = PRESETS.get(chosen)
        return None if preset is None else preset.tariff
    try:
        return made(CapacityTariff, {"zone": zone, **chosen})
    except ValueError, TypeError, KeyError:
        return None


def battery_settings(entry: ConfigEntry[Any]) -> BatterySettings:
    """Return who goes first, and what all home batteries can do together."""
    batteries = [sub.data for sub in entry.subentries.values() if sub.subentry_type == SUBENTRY_BATTERY]
    efficiencies = [float(data[CONF_EFFICIENCY]) for data in batteries if data.get(CONF_EFFICIENCY)]
    capacity = _sum(batteries, CONF_CAPACITY)
    usual = BatterySettings()
    options = next((data for data in batteries if data.get(CONF_BATTERY_POLICY)), entry.options)
    return BatterySettings(
        policy=BatteryPolicy(options.get(CONF_BATTERY_POLICY, usual.policy)),
        until_soc=float(options.get(CONF_BATTERY_UNTIL, usual.until_soc)),
        may_feed_car=bool(options.get(CONF_BATTERY_FEEDS_CAR, usual.may_feed_car)),
        capacity=None if capacity is None else capacity * _KILO,
        charge=_sum(batteries, CONF_CHARGE_POWER),
        discharge=_sum(batteries, CONF_DISCHARGE_POWER),
        efficiency=min(efficiencies) / 100 if efficiencies else usual.efficiency,
    )


def _sum(batteries: Sequence[Data], key: str) -> float | None:
    """Add up what is known of every battery; of one that nobody described, nothing is known of all."""
    values = [data.get(key) for data in batteries]
    known = [float(value) for value in values if value]
    return sum(known) if known and len(known) == len(values) else None


def circuits(entry: ConfigEntry[Any], max_age: Mapping[str, float]) -> Iterator[Circuit]:
    """Yield the circuits below the main fuse; `max_age` is that of each one's own meter, in s."""
    for key, sub in entry.subentries.items():
        if sub.subentry_type == SUBENTRY_CIRCUIT:
            yield Circuit(
                id=key,
                name=sub.title,
                limit=float(sub.data[CONF_LIMIT]),
                parent=sub.data.get(CONF_PARENT),
                max_age=max_age.get(key),
                others=float(sub.data.get(CONF_OTHERS, 0.0)),
            )
