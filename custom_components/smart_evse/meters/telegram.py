"""A P1 telegram of a smart meter, and the measurement in it.

Sources: DSMR P1 companion standard 5.0.2 (Netspar, NL), e-MUCS P1 1.7.1 (Fluvius, BE), the industry
recommendation for the customer interface of Energiföretagen (SE), and the P1 specification of
Creos (LU). The objects have the same OBIS codes everywhere; what differs is which of them a meter
sends, in which resolution, and how often. Lines are parsed by `dsmr-parser`, by the specification
of the version, narrowed to the objects that are used here: a line about gas that a meter writes
in its own way cannot spoil a reading of power.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
import re
from typing import Final

from dsmr_parser import telegram_specifications as specifications
from dsmr_parser.exceptions import InvalidChecksumError, ParseError
from dsmr_parser.objects import MBusObject
from dsmr_parser.parsers import TelegramParser

from .currents import Phase, per_phase
from .port import Measurement, MeterIdentity

CADENCES: Final[Mapping[str, float]] = {
    "2.2": 10.0,
    "4": 10.0,
    "5": 1.0,
    "5B": 1.0,
    "5L": 10.0,
    "5S": 10.0,
}
"""The versions by the names that `dsmr-parser` gives them, and how often each promises a telegram, in s."""

_SPECIFICATIONS: Final = {
    "2.2": specifications.V2_2,
    "4": specifications.V4,
    "5": specifications.V5,
    "5B": specifications.BELGIUM_FLUVIUS,
    "5L": specifications.LUXEMBOURG_SMARTY,
    "5S": specifications.SWEDEN,
}

_UNCHECKED: Final = frozenset({"2.2"})
"""Versions without a checksum: one line that cannot be read means that others may have been hit too."""

_LINES: Final = ("L1", "L2", "L3")
_TIMESTAMP: Final = "P1_MESSAGE_TIMESTAMP"
_SERIALS: Final = ("EQUIPMENT_IDENTIFIER", "BELGIUM_EQUIPMENT_IDENTIFIER", "LUXEMBOURG_EQUIPMENT_IDENTIFIER")
_VERSIONS: Final = ("P1_MESSAGE_HEADER", "BELGIUM_VERSION_INFORMATION")
_IMPORT: Final = "CURRENT_ELECTRICITY_USAGE"
_EXPORT: Final = "CURRENT_ELECTRICITY_DELIVERY"
_AVERAGE: Final = "BELGIUM_CURRENT_AVERAGE_DEMAND"
_PEAK: Final = "BELGIUM_MAXIMUM_DEMAND_MONTH"
_REGISTERS_IN: Final = ("ELECTRICITY_USED_TARIFF_1", "ELECTRICITY_USED_TARIFF_2")
_REGISTERS_OUT: Final = ("ELECTRICITY_DELIVERED_TARIFF_1", "ELECTRICITY_DELIVERED_TARIFF_2")
_TOTAL_IN: Final = "ELECTRICITY_IMPORTED_TOTAL"
_TOTAL_OUT: Final = "ELECTRICITY_EXPORTED_TOTAL"
_PER_PHASE: Final = (
    "INSTANTANEOUS_ACTIVE_POWER_{}_POSITIVE",
    "INSTANTANEOUS_ACTIVE_POWER_{}_NEGATIVE",
    "INSTANTANEOUS_CURRENT_{}",
    "INSTANTANEOUS_VOLTAGE_{}",
)
_WANTED: Final = frozenset(
    [
        *(_TIMESTAMP, *_SERIALS, *_VERSIONS, _IMPORT, _EXPORT, _AVERAGE, _PEAK),
        *(*_REGISTERS_IN, *_REGISTERS_OUT, _TOTAL_IN, _TOTAL_OUT),
        *(name.format(line) for name in _PER_PHASE for line in _LINES),
    ]
)

_UNITS: Final = {"kW": 1000.0, "W": 1.0, "kWh": 1000.0, "Wh": 1.0, "A": 1.0, "V": 1.0}

_HEADER: Final = re.compile(r"^/([^\r\n]*)")
_DUTCH_VERSION: Final = re.compile(r"^1-3:0\.2\.8\((\d)", re.MULTILINE)
_BELGIAN: Final = re.compile(r"^0-0:96\.1\.4\(", re.MULTILINE)
_LUXEMBOURGISH: Final = re.compile(r"^0-0:42\.0\.0\(", re.MULTILINE)
_TARIFFS: Final = re.compile(r"^1-0:1\.8\.1\(", re.MULTILINE)
_CHECKED: Final = re.compile(r"^![0-9A-F]{4}", re.MULTILINE)


class Damaged(Exception):
    """A telegram that does not match its own checksum, or tells nothing of power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """What one telegram says. `at` is the meter's own clock, in whole seconds, where it tells it.

    Powers in W (positive on import), registers in Wh; `phases` is in the order of the meter's wires
    and `None` where the telegram has no line about a phase.
    """

    version: str
    header: str
    serial: str | None
    dsmr: str | None
    at: datetime | None
    power: float
    phases: tuple[Phase, Phase, Phase]
    energy_in: float | None
    energy_out: float | None
    quarter_hour_average: float | None
    month_peak: float | None

    @property
    def cadence(self) -> float:
        """How often a meter of this version sends, in s."""
        return CADENCES[self.version]

    @property
    def identity(self) -> MeterIdentity:
        """The maker is the three letters of its FLAG association code, as the header begins."""
        return MeterIdentity(
            maker=self.header[:3],
            model=self.header[4:].strip("\\ ") or self.header,
            serial=self.serial,
            firmware=self.dsmr,
            phases=sum(phase != Phase() for phase in self.phases) or None,
            cadence=self.cadence,
        )

    def measurement(self, phases: int) -> Measurement:
        """Make the sample for a site of that many phases.

        On a one-phase site the meter's total is that phase's power, which many one-phase meters
        do not repeat.
        """
        told = self.phases
        if phases == 1 and told[0].power is None:
            told = (Phase(power=self.power, current=told[0].current, voltage=told[0].voltage), *told[1:])
        return Measurement(
            power=self.power,
            currents=per_phase([phase.signed_current for phase in told], phases),
            powers=per_phase([phase.power for phase in told], phases),
            voltages=per_phase([phase.voltage for phase in told], phases),
            energy_in=self.energy_in,
            energy_out=self.energy_out,
            quarter_hour_average=self.quarter_hour_average,
            month_peak=self.month_peak,
        )


def version_of(text: str) -> str:
    """Which of the known versions a telegram is, told by the lines that only that one has."""
    if _BELGIAN.search(text):
        return "5B"
    if _LUXEMBOURGISH.search(text):
        return "5L"
    if dutch := _DUTCH_VERSION.search(text):
        return "4" if dutch[1] == "4" else "5"
    if not _TARIFFS.search(text):
        return "5S"
    return "5" if _CHECKED.search(text) else "2.2"


def parse(text: str, version: str | None = None, *, checked: bool = False) -> Telegram:
    """Read one telegram, from its `/` to its `!` and what follows.

    `checked` says that whoever passed it on has compared the checksum. Raises `Damaged`.
    """
    version = version or version_of(text)
    parser = _PARSERS[version, checked]
    try:
        objects = _Objects(parser.parse(text, throw_ex=version in _UNCHECKED))
        return _telegram(text, version, objects)
    except (InvalidChecksumError, ParseError, ArithmeticError, ValueError, LookupError) as err:
        raise Damaged(str(err)) from err


def _parser(version: str, *, checked: bool) -> TelegramParser:
    specification = _SPECIFICATIONS[version]
    wanted = [line for line in specification["objects"] if line["value_name"] in _WANTED]
    return TelegramParser({**specification, "objects": wanted}, apply_checksum_validation=not checked)


_PARSERS: Final = {
    (version, checked): _parser(version, checked=checked) for version in _SPECIFICATIONS for checked in (False, True)
}


class _Objects:
    """The parsed lines by name, in our units: the border to a library without types."""

    def __init__(self, telegram: object) -> None:
        self._telegram = telegram

    def number(self, name: str) -> float | None:
        line = getattr(self._telegram, name, None)
        if line is None:
            return None
        value, unit = line.value, line.unit
        if not isinstance(value, Decimal) or unit not in _UNITS:
            return None
        return float(value) * _UNITS[unit]

    def text(self, *names: str) -> str | None:
        for name in names:
            line = getattr(self._telegram, name, None)
            if line is not None and isinstance(line.value, str) and line.value:
                return line.value
        return None

    def time(self, name: str) -> datetime | None:
        line = getattr(self._telegram, name, None)
        return line.value if line is not None and isinstance(line.value, datetime) else None

    def peak(self, name: str) -> float | None:
        """Read a value that stands behind the time it occurred at."""
        line = getattr(self._telegram, name, None)
        return self.number(name) if isinstance(line, MBusObject) else None

    def difference(self, plus: str, minus: str) -> float | None:
        """Subtract what flows out from what flows in; a meter that cannot measure one leaves it out."""
        taken, given = self.number(plus), self.number(minus)
        return None if taken is None and given is None else (taken or 0.0) - (given or 0.0)

    def register(self, tariffs: tuple[str, str], total: str) -> float | None:
        told = [value for name in tariffs if (value := self.number(name)) is not None]
        return sum(told) if told else self.number(total)


def _telegram(text: str, version: str, objects: _Objects) -> Telegram:
    header = _HEADER.match(text)
    power = objects.difference(_IMPORT, _EXPORT)
    if header is None or power is None:
        raise ValueError("no power in it")
    if version in _UNCHECKED and None in (objects.number(_IMPORT), objects.number(_EXPORT)):
        raise ValueError("a line is missing")
    l1, l2, l3 = (_phase(objects, line) for line in _LINES)
    return Telegram(
        version=version,
        header=header[1],
        serial=_readable(objects.text(*_SERIALS)),
        dsmr=objects.text(*_VERSIONS),
        at=objects.time(_TIMESTAMP),
        power=power,
        phases=(l1, l2, l3),
        energy_in=objects.register(_REGISTERS_IN, _TOTAL_IN),
        energy_out=objects.register(_REGISTERS_OUT, _TOTAL_OUT),
        quarter_hour_average=objects.number(_AVERAGE),
        month_peak=objects.peak(_PEAK),
    )


def _phase(objects: _Objects, line: str) -> Phase:
    plus, minus, current, voltage = (name.format(line) for name in _PER_PHASE)
    return Phase(
        power=objects.difference(plus, minus), current=objects.number(current), voltage=objects.number(voltage)
    )


def _readable(serial: str | None) -> str | None:
    """Equipment ids are sent as the hexadecimal digits of their ASCII codes (DSMR 5.0.2, table 6-1)."""
    try:
        plain = bytes.fromhex(serial or "").decode("ascii").strip()
    except ValueError:
        return serial
    return plain if plain and plain.isprintable() else serial
