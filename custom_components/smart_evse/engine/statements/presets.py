"""What each country or use asks of a statement: tables, no rules of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from . import figures
from .charged import Valuation
from .errors import UnknownPreset
from .model import StatementKind


class Way(StrEnum):
    """How energy becomes money."""

    VALUE = "value"
    """By what the session is worth by the method's valuation."""
    RATE = "rate"
    """By a figure for each kWh."""
    CAPPED = "capped"
    """By the valuation's mean over the stretch in which a figure holds, and never by more than the figure."""
    MILES = "miles"
    """By business miles, shared by where the energy was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way to value energy. `figure` is the key of the figure it takes, `{region}` stands for the region in it.

    `base_fee` adds the contract's monthly fee, in the share that the car has of the house's energy. `facts` are keys
    of the owner's figures that it cannot do without.
    """

    key: str
    way: Way = Way.VALUE
    valuation: Valuation = Valuation.TARIFF
    figure: str | None = None
    base_fee: bool = False
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a statement of this sort is, needs and says.

    Needs are named `issuer.vat_number`, `recipient.name`, `session.plate`, `meter.number`, `statement.due_on`: `needs`
    must be there, `advised` is only told to be missing. `binds_year`: the method holds for a calendar year. `claims`:
    the same energy may stand on one such statement only. `administration`: its cost may be asked for. `notes` are keys
    of the words.
    """

    key: str
    kind: StatementKind
    methods: tuple[Method, ...]
    country: str | None = None
    currency: str | None = None
    needs: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    binds_year: bool = False
    claims: bool = True
    administration: bool = False

    def method(self, key: str | None) -> Method:
        """Return a method by its key, the first for `None`."""
        for one in self.methods:
            if key in (None, one.key):
                return one
        raise UnknownPreset(f"{self.key} {key}")


_TARIFF = Method(key="tariff")
_COST = Method(key="cost", valuation=Valuation.COST, notes=("valued_at_cost",))
_PAID = Method(key="paid", valuation=Valuation.PAID, notes=("valued_as_paid",))
_GRID = Method(key="grid", valuation=Valuation.GRID, notes=("valued_at_grid",))
_CONTRACT = Method(key="contract", way=Way.RATE, figure=figures.CONTRACT, base_fee=True, facts=(figures.CONTRACT,))
_MONTHLY = Method(key="month_average", way=Way.RATE, figure=figures.MONTH_AVERAGE, facts=(figures.MONTH_AVERAGE,))

_NAMED = ("issuer.name", "recipient.name")
_EMPLOYER = (*_NAMED, "meter.number")
_METERED = ("session.register_start", "session.register_stop")
_SOLD = ("session.vat", *_METERED)
_SELLER = ("issuer.address", "issuer.city", "issuer.country")


def _association(country: str, currency: str) -> Preset:
    """Return a housing association's list per apartment: the same wherever it is used."""
    return Preset(
        key=f"{country.lower()}_association",
        kind=StatementKind.LIST,
        country=country,
        currency=currency,
        methods=(_TARIFF, _GRID, _CONTRACT),
        needs=_NAMED,
        advised=("session.driver", *_METERED),
        notes=("association_per_apartment",),
        administration=True,
    )


PRESETS: Mapping[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            key="neutral",
            kind=StatementKind.LIST,
            methods=(_TARIFF, _COST, _GRID, _PAID),
            claims=False,
        ),
        Preset(
            key="invoice",
            kind=StatementKind.INVOICE,
            methods=(_TARIFF,),
            needs=(*_NAMED, *_SELLER),
            advised=("issuer.tax_id", "issuer.account", "recipient.address", "statement.due_on", *_SOLD),
            administration=True,
        ),
        Preset(
            key="guest",
            kind=StatementKind.INVOICE,
            methods=(_TARIFF,),
            needs=_NAMED,
            advised=(*_SELLER, "issuer.tax_id", *_SOLD),
            administration=True,
        ),
        Preset(
            key="de_employer",
            kind=StatementKind.REIMBURSEMENT,
            country="DE",
            currency="EUR",
            methods=(
                Method(
                    key="flat",
                    way=Way.RATE,
                    figure=figures.DE_FLAT,
                    notes=("de_flat_price",),
                ),
                Method(
                    key="contract",
                    way=Way.RATE,
                    figure=figures.CONTRACT,
                    base_fee=True,
                    facts=(figures.CONTRACT,),
                    notes=("de_contract_price", "de_contract_enclosed"),
                ),
                Method(
                    key="month_average",
                    way=Way.RATE,
                    figure=figures.MONTH_AVERAGE,
                    facts=(figures.MONTH_AVERAGE,),
                    notes=("de_month_average", "de_contract_enclosed"),
                ),
            ),
            needs=(*_EMPLOYER, "session.plate"),
            advised=("issuer.account", "recipient.address", "recipient.reference", *_METERED),
            notes=("de_paragraph_3_50", "de_separate_meter", "de_method_binds_year"),
            binds_year=True,
        ),
        Preset(
            key="be_employer",
            kind=StatementKind.REIMBURSEMENT,
            country="BE",
            currency="EUR",
            methods=(
                Method(key="cap", way=Way.RATE, figure="be_cap_{region}", notes=("be_flat_rate",)),
                Method(
                    key="actual",
                    way=Way.CAPPED,
                    valuation=Valuation.COST,
                    figure="be_cap_{region}",
                    notes=("be_actual_capped",),
                ),
            ),
            needs=_EMPLOYER,
            advised=("issuer.account", "meter.point", "session.plate", "session.card", *_METERED),
            notes=("be_circular", "be_company_car_only"),
        ),
        Preset(
            key="nl_employer",
            kind=StatementKind.REIMBURSEMENT,
            country="NL",
            currency="EUR",
            methods=(_CONTRACT, _COST, _MONTHLY),
            needs=_EMPLOYER,
            advised=("issuer.account", "meter.certification", "meter.point", "session.plate", *_METERED),
            notes=("nl_cost_price", "nl_agreement"),
        ),
        Preset(
            key="uk_employer",
            kind=StatementKind.REIMBURSEMENT,
            country="GB",
            currency="GBP",
            methods=(
                Method(key="miles", way=Way.MILES, figure=figures.UK_HOME, notes=("uk_advisory_rate",)),
                Method(key="actual", valuation=Valuation.GRID, notes=("uk_actual_cost",)),
                Method(key="contract", way=Way.RATE, figure=figures.CONTRACT, facts=(figures.CONTRACT,)),
            ),
            needs=_NAMED,
            advised=("session.plate", "issuer.account"),
            notes=("uk_company_car",),
        ),
        _association("SE", "SEK"),
        _association("NO", "NOK"),
    )
}


def preset(key: str) -> Preset:
    """Return a preset; `UnknownPreset` if there is none of this name."""
    try:
        return PRESETS[key]
    except KeyError as error:
        raise UnknownPreset(key) from error


def claim_of(key: str, kind: StatementKind) -> str | None:
    """Return under which name energy may be claimed only once, `None` where it may stand on any number of lists."""
    known = PRESETS.get(key)
    if known is not None and not known.claims:
        return None
    return key if kind is StatementKind.LIST else str(kind)
