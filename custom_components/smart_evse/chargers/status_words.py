"""The words that integrations use for a charger's state, and what they mean in IEC 61851-1."""

from collections.abc import Mapping
import re
from types import MappingProxyType
from typing import Final

from ..engine.model import VehicleState

_A, _B, _C, _D, _E, _F = VehicleState

STATES: Final[Mapping[str, VehicleState]] = MappingProxyType(
    {
        # IEC 61851-1 itself (evcc, Alfen, Peblar over Modbus, many ESPHome boxes).
        "a": _A, "a1": _A, "a2": _A, "b": _B, "b1": _B, "b2": _B, "c": _C, "c1": _C, "c2": _C,
        "d": _D, "d1": _D, "d2": _D, "e": _E, "f": _F,
        # Words that mean the same everywhere.
        "disconnected": _A, "not_connected": _A, "unplugged": _A, "no_car": _A, "no_vehicle": _A,
        "cable_disconnected": _A, "vehicle_not_connected": _A, "no_ev_connected": _A,
        "connected": _B, "plugged_in": _B, "plugged": _B, "vehicle_connected": _B, "car_connected": _B,
        "ev_connected": _B, "paused": _B, "suspended": _B, "stopped": _B, "finished": _B, "complete": _B,
        "completed": _B, "done": _B, "scheduled": _B,
        "charging": _C, "charging_reduced": _C, "discharging": _C,
        "ventilation_required": _D, "vent_required": _D,
        "error": _F, "fault": _F, "faulted": _F,
        # OCPP 1.6, 7.7 ChargePointStatus.
        "available": _A, "preparing": _B, "suspendedev": _B, "suspendedevse": _B, "suspended_ev": _B,
        "suspended_evse": _B, "finishing": _B, "reserved": _A,
        # Easee
        "awaiting_start": _B, "ready_to_charge": _B, "awaiting_authorization": _B, "de_authorizing": _B,
        # Zaptec
        "waiting": _B, "connected_requesting": _B, "connected_charging": _C, "connected_finished": _B,
        "charge_done": _B,
        # go-e, whose "idle" is a box without a car
        "idle": _A, "waitcar": _B, "wait_car": _B, "waiting_for_car": _B, "charger_ready_no_vehicle": _A,
        "charging_finished_vehicle_can_be_disconnected": _B,
        # OpenEVSE: a box that was paused sleeps with the car on it.
        "sleeping": _B, "disabled": _B, "diode_check_failed": _F, "gfci_fault": _F, "gfci_self_test_failure": _F,
        "no_ground": _F, "over_temperature": _F, "stuck_relay": _F,
        # Wallbox
        "waiting_for_car_demand": _B, "locked": _A, "locked_car_connected": _B,
        "waiting_in_queue_by_power_sharing": _B, "waiting_in_queue_by_power_boost": _B,
        "waiting_in_queue_by_eco_smart": _B, "waiting_mid_failed": _F, "waiting_mid_safety_margin_exceeded": _F,
        # Tesla Wall Connector
        "charging_finished": _B, "negotiating": _B, "waiting_car": _B,
        # Ohme
        "pending_approval": _B,
        # TechnoVE
        "plugged_waiting": _B, "plugged_charging": _C, "high_tariff_period": _B, "out_of_activation_period": _B,
        "evse_fault": _F, "ground_fault": _F, "pilot_fault": _F,
        # NRGkick, Blue Current
        "standby": _A, "vehicle_detected": _B, "vehicle_error": _F,
    }
)  # fmt: skip
"""What the words of common integrations mean, as `word_of` spells them.

Left out on purpose is what means one thing here and another there: "ready" is a box without a car
to Wallbox and one with a car to Tesla and Blue Current.
"""

_BINARY: Final[Mapping[str, Mapping[str, VehicleState]]] = {
    "plug": {"on": _B, "off": _A},
    "battery_charging": {"on": _C, "off": _B},
    "running": {"on": _C, "off": _B},
    "power": {"on": _C, "off": _B},
}
"""What a binary sensor means, by its device class. One that only tells a charge leaves open whether a car is there."""


def word_of(text: str) -> str:
    """Spell a state the way `STATES` does: "Waiting for car" is `waiting_for_car`."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def meaning(text: str, own: Mapping[str, VehicleState], device_class: str | None = None) -> VehicleState | None:
    """Say what a state means; the owner's word goes before the table, `None` when neither knows."""
    word = word_of(text)
    if word in own:
        return own[word]
    if word in ("on", "off"):
        return _BINARY.get(device_class or "", {}).get(word)
    return STATES.get(word)
