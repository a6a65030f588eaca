"""HomeWizard's meters: the P1 dongle (HWE-P1) and its kWh meters, over their local API.

Source: HomeWizard's API documentation (api-documentation.homewizard.com), versions 1 and 2.

Version 1 (no password, switched on in HomeWizard's app) is asked once a second. The P1 dongle then
hands out its latest telegram as the meter sent it, whose clock tells whether it is a new one; where
it does not (a kWh meter, or an imitation of the dongle), the parsed values are taken and compared.

Version 2 (a token, given after a press on the device's button) pushes every new value over a
WebSocket, encrypted with a certificate of HomeWizard's own authority.

Power is positive on import. Currents of the P1 dongle are the meter's: whole amperes, mostly.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
import ssl
from typing import Final

from aiohttp import (
    ClientConnectorCertificateError,
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMsgType,
)
from homewizard_energy import HomeWizardEnergyV1, HomeWizardEnergyV2
from homewizard_energy.const import Model
from homewizard_energy.errors import (
    DisabledError,
    HomeWizardEnergyException,
    RequestError,
    UnauthorizedError,
    UnsupportedError,
)
from homewizard_energy.models import Device, Measurement as Data
from homewizard_energy.v2 import cacert
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ..links.errors import BadCredentials, Refused, Silent, Unreachable, WrongDevice
from .currents import Phase, per_phase
from .novelty import CALM, Novelty
from .port import Measurement, MeterIdentity
from .telegram import Damaged, Telegram, parse

INTERVAL: Final = 1.0
"""How often version 1 is asked, in s: the dongle has a new value no more often."""

SILENCE: Final = 30.0
"""How long nothing new may come, in s: three telegrams of the slowest meters."""

_TIMEOUT: Final = 5

_METERS: Final = (
    Model.P1_METER,
    Model.ENERGY_METER_1_PHASE,
    Model.ENERGY_METER_3_PHASE,
    Model.ENERGY_METER_EASTRON_SDM230,
    Model.ENERGY_METER_EASTRON_SDM630,
)
_FAST_PROTOCOL: Final = 50
"""From DSMR 5.0 on a meter sends every second, before that every ten."""


@contextmanager
def _errors(host: str) -> Iterator[None]:
    """Say in our words what went wrong with the device."""
    try:
        yield
    except DisabledError as err:
        raise Refused("the local API is switched off in HomeWizard's app, or its button was not pressed") from err
    except UnauthorizedError as err:
        raise BadCredentials("the device knows no such token") from err
    except RequestError as err:
        raise Unreachable(f"no answer from {host}") from err
    except ClientConnectorCertificateError as err:
        raise WrongDevice(f"{host} has no certificate of HomeWizard's") from err
    except (ClientError, OSError) as err:
        raise Unreachable(f"no connection to {host}") from err
    except (HomeWizardEnergyException, MissingField, InvalidFieldValue, ValueError) as err:
        raise WrongDevice(f"{host} answers, but not as a HomeWizard meter") from err


async def pair(host: str, session: ClientSession, name: str) -> str:
    """Ask the device for a token of version 2, to be stored.

    Raises `Refused` while nobody has pressed the button: the device gives a token within 30 s of
    that. Ask again every few seconds. `name` is what the device lists its users by (letters,
    digits, `-_/#` and spaces, 40 at most).
    """
    with _errors(host):
        return await HomeWizardEnergyV2(host, clientsession=session, timeout=_TIMEOUT).get_token(name)


class HomeWizard:
    """The meter at `host`, by version 2 of its API when there is a `token`.

    `phases` is what the site has: currents are told only when the meter tells all of them.
    `producing` is for a kWh meter behind solar panels: what it exports is then the power, and that
    is never negative. `interval`, `calm` and `silence` are in s.
    """

    def __init__(  # noqa: PLR0913 (where, what to expect there, and three times for those who hurry)
        self,
        host: str,
        token: str | None = None,
        *,
        session: ClientSession,
        phases: int = 3,
        producing: bool = False,
        interval: float = INTERVAL,
        calm: float = CALM,
        silence: float = SILENCE,
    ) -> None:
        self._host = host
        self._token = token
        self._session = session
        self._phases = phases
        self._producing = producing
        self._interval = interval
        self._silence = silence
        self._novelty = Novelty(calm)

    async def identify(self) -> MeterIdentity:
        """Ask the device who it is, and its meter how often it sends."""
        api = self._api()
        with _errors(self._host):
            device = await api.device()
            if device.product_type not in _METERS:
                raise WrongDevice(f"{device.product_name} is no electricity meter")
            data = await api.measurement()
        return _identity(device, data)

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Hand over every new sample until the line is lost."""
        with _errors(self._host):
            if self._token is None:
                await self._poll(publish)
            else:
                await self._listen(publish)

    def _api(self) -> HomeWizardEnergyV1 | HomeWizardEnergyV2:
        if self._token is None:
            return HomeWizardEnergyV1(self._host, clientsession=self._session, timeout=_TIMEOUT)
        return HomeWizardEnergyV2(self._host, token=self._token, clientsession=self._session, timeout=_TIMEOUT)

    async def _poll(self, publish: Callable[[Measurement], None]) -> None:
        api = HomeWizardEnergyV1(self._host, clientsession=self._session, timeout=_TIMEOUT)
        ask = self._ask_telegram if await _has_telegrams(api) else self._ask_values
        heard = _now()
        while True:
            asked = _now()
            sample = await ask(api)
            if sample is not None:
                heard = _now()
                publish(sample)
            elif _now() - heard > self._silence:
                raise Silent(f"the device has repeated itself for {self._silence:g} s")
            await asyncio.sleep(max(0.0, self._interval - (_now() - asked)))

    async def _ask_telegram(self, api: HomeWizardEnergyV1) -> Measurement | None:
        telegram = _telegram(await api.telegram())
        if telegram is None or not self._novelty.seen(telegram, telegram.at, telegram.cadence, _now()):
            return None
        return telegram.measurement(self._phases)

    async def _ask_values(self, api: HomeWizardEnergyV1) -> Measurement | None:
        return self._sample(await api.measurement())

    def _sample(self, data: Data) -> Measurement | None:
        """Make a sample of the parsed values, if they are new."""
        sample = _measurement(data, self._phases, producing=self._producing)
        return sample if self._novelty.seen(sample, data.timestamp, _cadence(data), _now()) else None

    async def _listen(self, publish: Callable[[Measurement], None]) -> None:
        async with self._session.ws_connect(
            f"https://{self._host}/api/ws",
            ssl=await asyncio.to_thread(_trust),
            timeout=ClientWSTimeout(ws_close=_TIMEOUT),
        ) as socket:
            while True:
                publish(await self._pushed(socket))

    async def _pushed(self, socket: ClientWebSocketResponse) -> Measurement:
        """Wait for the next new sample, answering what the device asks on the way."""
        try:
            async with asyncio.timeout(self._silence):
                while True:
                    data = await self._message(socket)
                    if data is not None and (sample := self._sample(data)) is not None:
                        return sample
        except TimeoutError as err:
            raise Silent(f"nothing new for {self._silence:g} s") from err

    async def _message(self, socket: ClientWebSocketResponse) -> Data | None:
        message = await socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise Unreachable("the device closed the connection")
        match message.json():
            case {"type": "authorization_requested"}:
                await socket.send_json({"type": "authorization", "data": self._token})
            case {"type": "authorized"}:
                await socket.send_json({"type": "subscribe", "data": "measurement"})
            case {"type": "measurement", "data": data}:
                return Data.from_dict(data)
            case {"type": "error", "data": {"message": str(reason)}}:
                raise BadCredentials(reason) if "unauthorized" in reason else Refused(reason)
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()


def _trust() -> ssl.SSLContext:
    """Trust devices of HomeWizard's own authority. Their names are serial numbers, not addresses."""
    context = ssl.create_default_context(cadata=cacert.CACERT)
    context.verify_flags = ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


async def _has_telegrams(api: HomeWizardEnergyV1) -> bool:
    try:
        return (await api.device()).product_type == Model.P1_METER and _telegram(await api.telegram()) is not None
    except UnsupportedError:
        return False


def _telegram(text: str) -> Telegram | None:
    """Read a telegram whose checksum the device has compared already."""
    try:
        return parse("\r\n".join((*text.splitlines(), "")), checked=True)
    except Damaged:
        return None


def _cadence(data: Data) -> float:
    return 1.0 if data.protocol_version is None or data.protocol_version >= _FAST_PROTOCOL else 10.0


def _identity(device: Device, data: Data) -> MeterIdentity:
    return MeterIdentity(
        maker="HomeWizard",
        model=f"{device.product_name} ({device.product_type})",
        serial=device.serial,
        firmware=device.firmware_version,
        phases=sum(each is not None for each in (data.power_l1_w, data.power_l2_w, data.power_l3_w)) or None,
        cadence=_cadence(data),
    )


def _measurement(data: Data, phases: int, *, producing: bool) -> Measurement:
    """Make a sample of the parsed values. Of a one-phase meter only totals may be told."""
    if data.power_w is None:
        raise Silent("the device has heard nothing of its meter yet")
    if producing:
        return Measurement(power=max(0.0, -data.power_w), energy_in=_export(data), energy_out=_import(data))
    told = [
        Phase(power=data.power_l1_w, current=data.current_l1_a, voltage=data.voltage_l1_v),
        Phase(power=data.power_l2_w, current=data.current_l2_a, voltage=data.voltage_l2_v),
        Phase(power=data.power_l3_w, current=data.current_l3_a, voltage=data.voltage_l3_v),
    ]
    if phases == 1 and told[0].current is None:
        told[0] = Phase(power=data.power_w, current=data.current_a, voltage=told[0].voltage or data.voltage_v)
    return Measurement(
        power=data.power_w,
        currents=per_phase([phase.signed_current for phase in told], phases),
        powers=per_phase([phase.power for phase in told], phases),
        voltages=per_phase([phase.voltage for phase in told], phases),
        energy_in=_import(data),
        energy_out=_export(data),
        quarter_hour_average=data.average_power_15m_w,
        month_peak=data.monthly_power_peak_w,
    )


def _import(data: Data) -> float | None:
    return _register(
        data.energy_import_kwh,
        (data.energy_import_t1_kwh, data.energy_import_t2_kwh, data.energy_import_t3_kwh, data.energy_import_t4_kwh),
    )


def _export(data: Data) -> float | None:
    return _register(
        data.energy_export_kwh,
        (data.energy_export_t1_kwh, data.energy_export_t2_kwh, data.energy_export_t3_kwh, data.energy_export_t4_kwh),
    )


def _register(total: float | None, tariffs: Iterable[float | None]) -> float | None:
    """Add up the tariffs, in Wh. The total may be that of one tariff only on older firmware."""
    told = [value for value in tariffs if value is not None] or [value for value in (total,) if value is not None]
    return float(round(sum(told) * 1000)) if told else None
