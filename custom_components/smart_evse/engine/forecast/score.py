"""How far forecasts can be trusted: how much they were off, for each distance, up to now.

Every hour the forecast is asked what it says of one hour at each distance; when that hour is over, what
was measured there settles the promise. Errors fade over a fortnight, so that a new roof or a new
forecast is learned, and the season too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import log

from .series import Series, Span

LEADS = (1.0, 3.0, 6.0, 12.0, 24.0)
"""The distances that are scored, in h: each stands for all that are nearer to it than to its neighbours."""

_KEPT = 0.5 ** (1 / 14 / 24)
"""What is left of an hour's weight one hour later: half of it after two weeks."""

_DOUBT = 24.0
"""How many hours a forecast is taken as unbiased and as good as `_UNKNOWN` for, before its own count as much."""

_UNKNOWN = 0.35
"""The relative error of a forecast of which nothing is known."""

_WORST = 2.0
_BIAS = (0.5, 2.0)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Faded sums over scored hours at one distance: their count, Wh measured, Wh forecast, Wh of error."""

    count: float = 0.0
    measured: float = 0.0
    forecast: float = 0.0
    error: float = 0.0

    @property
    def bias(self) -> float:
        """What was measured as a share of what was forecast: times this, the forecast is right on the mean."""
        if self.forecast <= 0 or self.count <= 0:
            return 1.0
        doubt = _DOUBT * self.forecast / self.count
        return min(max((self.measured + doubt) / (self.forecast + doubt), _BIAS[0]), _BIAS[1])

    @property
    def relative_error(self) -> float:
        """The mean absolute error as a share of the mean measured."""
        if self.measured <= 0 or self.count <= 0:
            return _UNKNOWN
        doubt = _DOUBT * self.measured / self.count
        return min((self.error + _UNKNOWN * doubt) / (self.measured + doubt), _WORST)

    def add(self, measured: float, forecast: float) -> Tally:
        """Count one hour more, in Wh."""
        return Tally(
            count=self.count * _KEPT + 1,
            measured=self.measured * _KEPT + measured,
            forecast=self.forecast * _KEPT + forecast,
            error=self.error * _KEPT + abs(measured - forecast),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was forecast for the hour from `start` on, in W, when it was the `bucket`th of `LEADS` away."""

    start: datetime
    bucket: int
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The record of one forecast: a tally for each of `LEADS`, and what is still to be settled."""

    tallies: tuple[Tally, ...] = (Tally(),) * len(LEADS)
    promises: tuple[Promise, ...] = ()
    promised_at: datetime | None = None

    def tally(self, lead: float) -> Tally:
        """The record at a distance of `lead` hours."""
        return self.tallies[min(range(len(LEADS)), key=lambda index: abs(LEADS[index] - lead))]

    @property
    def doubt(self) -> float:
        """The relative error half a day ahead, where most of a plan's choices lie."""
        return self.tally(6.0).relative_error

    @property
    def is_tested(self) -> bool:
        """Whether any forecast half a day ahead has been settled."""
        return self.tally(6.0).count > 0

    def margin(self, quantile: float, lead: float) -> float:
        """What to multiply a forecast with, once unbiased, to be under it in `quantile` of all cases.

        Errors are taken to fall as a Laplace distribution does: small ones often, large ones more
        often than in a normal one. 0.5 is 1; a low quantile is below it and never negative.
        """
        error = self.tally(lead).relative_error
        tail = min(quantile, 1 - quantile)
        width = -error * log(max(2 * tail, 1e-6))
        return max(0.0, 1 + (width if quantile > 0.5 else -width))


def follow(score: Score, forecast: Series, measured: Series, now: datetime) -> Score:
    """Settle what has come true by `now`, and note what is promised now, once an hour.

    The forecast is the one its source gave, before anything here has mended it.
    """
    utc = now.astimezone(UTC)
    return _promise(_settle(score, measured, utc), forecast, utc)


def unbiased(forecast: Series, score: Score, now: datetime) -> Series:
    """A forecast without the bias that it was found to have at each distance.

    What it said of the hours just past loses it too, so that it compares with what was measured there.
    """
    utc = now.astimezone(UTC)
    return Series(tuple(replace(span, value=span.value * _bias(span, score, utc)) for span in forecast.spans))


def _bias(span: Span, score: Score, now: datetime) -> float:
    return score.tally((span.start + (span.end - span.start) / 2 - now) / _HOUR).bias


def _settle(score: Score, measured: Series, now: datetime) -> Score:
    due = [promise for promise in score.promises if promise.start + _HOUR <= now]
    tallies = list(score.tallies)
    reals = measured.means([(promise.start, promise.start + _HOUR) for promise in due])
    for promise, real in zip(due, reals, strict=True):
        # Nights teach nothing of a forecast of the sun: both are 0, and would only water the count down.
        if real is not None and max(real, promise.power) > 0:
            tallies[promise.bucket] = tallies[promise.bucket].add(max(0.0, real), promise.power)
    left = tuple(promise for promise in score.promises if promise.start + _HOUR > now)
    return replace(score, tallies=tuple(tallies), promises=left)


def _promise(score: Score, forecast: Series, now: datetime) -> Score:
    hour = now.replace(minute=0, second=0, microsecond=0)
    if score.promised_at is not None and hour <= score.promised_at:
        return score
    starts = [hour + lead * _HOUR for lead in LEADS]
    powers = forecast.means([(start, start + _HOUR) for start in starts])
    return replace(score, promises=_ordered([*score.promises, *_made(starts, powers)]), promised_at=hour)


def _made(starts: list[datetime], powers: Iterable[float | None]) -> list[Promise]:
    return [
        Promise(start=start, bucket=bucket, power=power)
        for bucket, (start, power) in enumerate(zip(starts, powers, strict=True))
        if power is not None
    ]


def _ordered(promises: list[Promise]) -> tuple[Promise, ...]:
    return tuple(sorted(promises, key=lambda promise: promise.start))
