"""The register map of Heidelberg Energy Control and Amperfied connect: inputs are readings, holdings are commands."""

from modbus_connection.model import Component, gauge, integer, string, uint32

from ..links.modbus import within


class _Readings(Component):
    register_space = "input"
    max_gap = 0
    max_span = 17  # the longest block that boxes are known to answer


class Live(_Readings):
    """What it does now. Energy since installation is there from layout 1.0.7 on."""

    max_gap = 2

    state = integer(5, signed=False)
    current_l1 = gauge(6, 0.1, signed=False, unit="A")
    current_l2 = gauge(7, 0.1, signed=False, unit="A")
    current_l3 = gauge(8, 0.1, signed=False, unit="A")
    voltage_l1 = integer(10, signed=False, unit="V")
    voltage_l2 = integer(11, signed=False, unit="V")
    voltage_l3 = integer(12, signed=False, unit="V")
    power = integer(14, signed=False, unit="VA")
    energy = uint32(17, unit="VAh")


class Hardware(_Readings):
    """Which version of the map this is (0x0108 for 1.0.8), and what the switch in the box is set to."""

    layout = integer(4, signed=False)
    max_current = integer(100, signed=False, unit="A")


class Label(_Readings):
    """Item number, date and serial number of an Energy Control, in one text of two blocks."""

    head = string(102, 15)
    tail = string(117, 17)


class ConnectLabel(_Readings):
    """The same of a connect, from layout 2 on."""

    max_span = 41  # a text is read in one go

    serial = string(1000, 18)
    item = string(1050, 18)
    firmware = string(1250, 41)


class PhaseSwitch(_Readings):
    """The contactor of a connect.solar: 1 or 3, and 0 while it switches."""

    phases = integer(5001, signed=False, nan=0)


class CardReader(_Readings):
    """The UID of the card that a connect read, zeros where there is none."""

    uid_1 = integer(2002, signed=False)
    uid_2 = integer(2003, signed=False)
    uid_3 = integer(2004, signed=False)
    uid_4 = integer(2005, signed=False)
    uid_5 = integer(2006, signed=False)
    uid_6 = integer(2007, signed=False)

    @property
    def uid(self) -> str | None:
        """The UID as text where it is text, else its bytes in hexadecimal."""
        words = (self.uid_1, self.uid_2, self.uid_3, self.uid_4, self.uid_5, self.uid_6)
        told = b"".join((word or 0).to_bytes(2) for word in words).rstrip(b"\0")
        if told.isascii() and told.decode("ascii").isprintable():
            return told.decode("ascii").strip() or None
        return told.hex().upper()


class Limits(Component):
    """What the box is told, and what it falls back to."""

    limit = gauge(261, 0.1, signed=False, writable=within(6, 16, or_zero=True), unit="A", force_fc16=True)
    fallback = gauge(262, 0.1, signed=False, writable=within(6, 16, or_zero=True), unit="A", force_fc16=True)


class Guard(Component):
    """The watchdog (0 is off), going to sleep without a car (0 on, 4 off), and the remote lock."""

    max_gap = 0

    timeout = integer(257, signed=False, writable=within(0, 65_535), unit="ms", force_fc16=True)
    standby = integer(258, signed=False, writable=within(0, 4), force_fc16=True)
    unlocked = integer(259, signed=False, writable=within(0, 1), force_fc16=True)


class Orders(Component):
    """How many phases a connect.solar is to use."""

    phases = integer(501, signed=False, writable=within(1, 3), force_fc16=True)
