"""What all records of one session come to: verified or not, how much energy, and what speaks against billing by it.

A signature that is right says who measured, not that the measurement is good, and neither makes a bill lawful.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from ..engine.statements.model import Evidence
from .keys import UnreadableKey, read_key
from .model import Flow, KeyState, MeterKey, Ocmf, PublicKey, Reason, Remark, Signed, SignedReading, Spoilt, Verdict
from .ocmf import NotOcmf, parse
from .verifying import verdict_for, verify

TOLERANCE: Final = Decimal(100)
"""By how much the charger's own register may differ from what was signed, in Wh: it often counts tenths of a kWh."""

_SHARE: Final = Decimal("0.01")
_ENDS: Final = frozenset("ELRAP")
_INCOMPLETE: Final = frozenset({"no_begin", "no_end", "no_register"})
_ORDER: Final = (Evidence.NOT_VERIFIED, Evidence.NOT_CHECKABLE, Evidence.VERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterKeys:
    """The keys of one meter: those that its owner has confirmed, and those that only came along."""

    confirmed: tuple[PublicKey, ...] = ()
    seen: tuple[PublicKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What one register counted over the session, in Wh."""

    register: str
    flow: Flow
    energy: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvidence:
    """All that was signed over a session. `verdict` is that of the worst record, `each` theirs in order.

    What lacks its begin or its end is not checkable.
    `remarks` say why it must not be billed by, if anything does; that there are none is no promise.
    """

    verdict: Verdict
    each: tuple[Verdict, ...]
    meters: tuple[str, ...]
    amounts: tuple[Amount, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def spoils(self, what: Spoilt) -> bool:
        """Say whether something speaks against billing by energy or by time."""
        return any(remark.spoils is what for remark in self.remarks)


def keys_by_meter(known: Iterable[MeterKey]) -> dict[str, MeterKeys]:
    """Return the keys of each meter by its number. Of those that only came along the first one counts."""
    found = dict[str, MeterKeys]()
    for one in known:
        try:
            key = read_key(one.key)
        except UnreadableKey:
            # It could be read on another machine.
            continue
        before = found.get(one.meter, MeterKeys())
        if one.state is KeyState.CONFIRMED:
            found[one.meter] = replace(before, confirmed=(*before.confirmed, key))
        elif one.state is KeyState.SEEN and not before.seen:
            found[one.meter] = replace(before, seen=(key,))
    return found


def judge(
    records: Iterable[Signed | None], keys: Mapping[str, MeterKeys], taken: int | None = None, given: int | None = None
) -> SessionEvidence | None:
    """Judge a session by what was signed over it; `None` if nothing was.

    `keys` are those of each meter by its number; `taken` and `given` are what the session's own register came to, in
    Wh, `None` where nobody knows or while it runs. A record that is `None` was there and is forgotten.
    """
    told = tuple(records)
    if not told:
        return None
    parsed = [_parsed(one) for one in told]
    each = tuple(_judged(one, ocmf, keys) for one, ocmf in zip(told, parsed, strict=True))
    known = [ocmf for ocmf in parsed if ocmf is not None]
    readings = [reading for ocmf in known for reading in ocmf.readings]
    amounts, remarks = _amounts(readings)
    meters = tuple(dict.fromkeys(ocmf.meter for ocmf in known if ocmf.meter))
    if len(meters) > 1:
        remarks.append(Remark(key="several_meters", spoils=Spoilt.ENERGY, detail=", ".join(meters)))
    remarks += [*_states(readings), *_differing(amounts, Flow.IMPORT, taken), *_differing(amounts, Flow.EXPORT, given)]
    return SessionEvidence(
        verdict=_whole(worst(each), remarks),
        each=each,
        meters=meters,
        amounts=tuple(amounts),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _judged(signed: Signed | None, record: Ocmf | None, keys: Mapping[str, MeterKeys]) -> Verdict:
    if signed is None:
        return verdict_for(Reason.FORGOTTEN)
    known = MeterKeys() if record is None else keys.get(record.meter or "", MeterKeys())
    return verify(signed, known.confirmed, known.seen)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that speaks most against: a chain is as strong as its weakest record."""
    return min(verdicts, key=lambda verdict: _ORDER.index(verdict.evidence), default=verdict_for(Reason.FORGOTTEN))


def _whole(verdict: Verdict, remarks: Iterable[Remark]) -> Verdict:
    """Return the verdict on the session: what is signed right and does not reach from begin to end proves no amount."""
    incomplete = any(remark.key in _INCOMPLETE for remark in remarks)
    return verdict_for(Reason.INCOMPLETE) if verdict.reason is Reason.SIGNED and incomplete else verdict


def _parsed(signed: Signed | None) -> Ocmf | None:
    try:
        return None if signed is None else parse(signed)
    except NotOcmf:
        return None


def _states(readings: Iterable[SignedReading]) -> Iterator[Remark]:
    """Yield what the meter itself says of its readings."""
    for one in readings:
        if one.status != "G":
            yield Remark(key="meter_status", spoils=Spoilt.ENERGY, detail=one.status or None)
        if "E" in one.errors:
            yield Remark(key="energy_unusable", spoils=Spoilt.ENERGY)
        if "t" in one.errors:
            yield Remark(key="time_unusable", spoils=Spoilt.TIME)
        if one.event == "X":
            yield Remark(key="exception", spoils=Spoilt.ENERGY)
            yield Remark(key="exception", spoils=Spoilt.TIME)
        if one.clock == "I":
            yield Remark(key="clock_informative", spoils=Spoilt.TIME)
        elif one.clock not in ("S", "R"):
            yield Remark(key="clock_unset", spoils=Spoilt.TIME)


def _amounts(readings: Iterable[SignedReading]) -> tuple[list[Amount], list[Remark]]:
    """Return what each register counted from begin to end, over all charges of the session, and what is missing."""
    registers: dict[tuple[str, Flow], list[SignedReading]] = {}
    for one in dict.fromkeys(readings):
        if one.flow is not None and one.energy is not None:
            registers.setdefault((one.register, one.flow), []).append(one)
    amounts, remarks = [], []
    if not registers:
        remarks.append(Remark(key="no_register", spoils=Spoilt.ENERGY))
    for (register, flow), row in registers.items():
        spans, missing = _spans(row)
        remarks += [Remark(key=key, spoils=Spoilt.ENERGY, detail=register) for key in missing]
        if any(energy < 0 for energy in spans):
            remarks.append(Remark(key="backwards", spoils=Spoilt.ENERGY, detail=register))
        if spans:
            amounts.append(Amount(register=register, flow=flow, energy=sum(spans, Decimal(0))))
    return amounts, remarks


def _spans(row: Iterable[SignedReading]) -> tuple[list[Decimal], list[str]]:
    """Return what was counted from each begin to its end, and whether one of them is missing.

    A car may begin and end several charges while it stays.
    """
    spans, missing = list[Decimal](), list[str]()
    begun: Decimal | None = None
    for one in row:
        energy = one.energy or Decimal(0)
        if one.event == "B":
            missing += ["no_end"] * (begun is not None)
            begun = energy
        elif one.event in _ENDS:
            if begun is None:
                missing.append("no_begin")
            else:
                spans.append(energy - begun)
            begun = None
    if begun is not None:
        missing.append("no_end")
    if not spans and not missing:
        missing += ["no_begin", "no_end"]
    return spans, missing


def _differing(amounts: Iterable[Amount], flow: Flow, own: int | None) -> Iterator[Remark]:
    """Yield that what was signed is not what the session's own register says; of several registers one has to fit."""
    signed = [amount.energy for amount in amounts if amount.flow is flow]
    if own is None or not signed:
        return
    near = max(TOLERANCE, _SHARE * own)
    if all(abs(energy - own) > near for energy in signed):
        shown = " / ".join(f"{energy.normalize():f}" for energy in signed)
        yield Remark(key="differs", spoils=Spoilt.ENERGY, detail=f"{shown} ≠ {own} Wh")
