"""The nouns of what a meter signs: the text as it came, what it says, and what is to be thought of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ..engine.statements.model import Evidence

OCMF = "OCMF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a charger handed over, byte for byte: `text` in `charset` is what it was.

    `method` is the format that the charger names. `key` is the public key that came along, as it came: it proves
    nothing, since whoever forges a record signs it with a key of their own and sends that along.
    """

    text: str
    charset: str = "utf-8"
    method: str = OCMF
    key: str | None = None


class Flow(StrEnum):
    """Which way the energy of a register went, seen from the grid."""

    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReading:
    """One reading of a record; what it leaves out is as in the one before, as the format has it.

    `energy` is Wh, exactly as many digits as the meter gave, `None` where the register counts something else. `clock`
    is U, I, S or R (unknown, informative, synchronised, relative), `event` B, C, X, E, L, R, A, P, S or T (begin,
    charging, exception, end and its kinds, suspended, tariff change), `status` G where the meter is in order, `errors`
    has E if the energy and t if the time is not to be used.
    """

    at: datetime | None
    clock: str
    event: str
    register: str
    flow: Flow | None
    energy: Decimal | None
    status: str
    errors: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ocmf:
    """A record of the Open Charge Metering Format. `payload` is what was signed, `meter` the number of who measured.

    `algorithm` is what the record claims to be signed with, `key` what some devices write behind it.
    """

    payload: bytes
    signature: bytes
    algorithm: str
    meter: str | None
    page: str | None
    readings: tuple[SignedReading, ...]
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A point on a named curve, as hex with the leading 04."""

    curve: str
    point: str


class Reason(StrEnum):
    """Why a record is verified, not verified or not checkable."""

    SIGNED = "signed"
    """By a key that the owner has confirmed to be this meter's."""
    MALFORMED = "malformed"
    """It says that it is of a format and is not."""
    SIGNATURE_WRONG = "signature_wrong"
    OTHER_CURVE = "other_curve"
    """The meter's key is of another curve than the record claims to be signed on."""
    OTHER_KEY = "other_key"
    """Signed with a key that is not the one known of this meter."""
    UNKNOWN_FORMAT = "unknown_format"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    NO_KEY = "no_key"
    """None came along and none is known."""
    KEY_NOT_CONFIRMED = "key_not_confirmed"
    """It fits the key that came with it or with one before it. Nobody has said that it is the meter's."""
    INCOMPLETE = "incomplete"
    """Every record of the session is signed, and they do not reach from its begin to its end."""
    FORGOTTEN = "forgotten"
    """It went with the driver whose card it named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be thought of one record, or of all records of a session."""

    evidence: Evidence
    reason: Reason


class Spoilt(StrEnum):
    """What a finding says must not be billed by."""

    ENERGY = "energy"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that speaks against billing by what was signed, however right the signature. `detail` is a value."""

    key: str
    spoils: Spoilt
    detail: str | None = None


class KeyState(StrEnum):
    """What the owner thinks of a key that a meter is said to sign with."""

    SEEN = "seen"
    """It came along with a record. Nobody has said anything."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterKey:
    """A key that is known of a meter: `key` is the hex of its DER. `at` is when it was seen or last spoken of."""

    meter: str
    key: str
    state: KeyState
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptValue:
    """What is kept of a session. `signed` is `None` once the driver whose card it named was forgotten."""

    session: str
    at: datetime
    meter: str | None
    signed: Signed | None
