"""One meter on the line: its last sample, when that was measured, and how often it really comes."""

from collections.abc import Callable
from dataclasses import replace

from ..meters.port import Measurement, Meter, MeterIdentity
from .cadence import Cadence
from .errors import DeviceError
from .reader import Listener


class MeterLine:
    """A grid meter, an inverter or a home battery, listened to.

    `invert` turns the sign of a source that counts the other way round.
    """

    def __init__(
        self,
        meter: Meter,
        heard: Callable[[], None],
        trouble: Callable[[DeviceError | None], None],
        clock: Callable[[], float],
        *,
        invert: bool = False,
    ) -> None:
        self.meter = meter
        self.identity: MeterIdentity | None = None
        self.latest: Measurement | None = None
        self.at: float | None = None
        self.error: DeviceError | None = None
        self.cadence = Cadence()
        self._hear = heard
        self._trouble = trouble
        self._clock = clock
        self._invert = invert
        self.listener = Listener(self._run, self._heard, self._reported)

    async def _run(self, publish: Callable[[Measurement], None]) -> None:
        if self.identity is None:
            self.identity = await self.meter.identify()
            self.cadence = Cadence(self.identity.cadence)
        await self.meter.run(publish)

    def _heard(self, measurement: Measurement) -> None:
        if self._invert:
            measurement = _turned(measurement)
        at = self._clock() - measurement.ago
        self.latest, self.at = measurement, at
        self.cadence.arrived(at, (measurement.power, measurement.currents))
        self._hear()

    def _reported(self, error: DeviceError | None) -> None:
        self.error = error
        self._trouble(error)


def _turned(sample: Measurement) -> Measurement:
    return replace(
        sample,
        power=-sample.power,
        currents=None if sample.currents is None else sample.currents.map(lambda amps: -amps),
        powers=None if sample.powers is None else sample.powers.map(lambda watts: -watts),
    )
