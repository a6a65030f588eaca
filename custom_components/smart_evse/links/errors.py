"""What can go wrong between us and a device.

One family, told apart by what the caller does next. A driver turns its library's errors into
these, always `from err`; Home Assistant's errors are made of them in one place elsewhere.
"""


class DeviceError(Exception):
    """Something is wrong with a device or the way to it."""


class Unreachable(DeviceError):
    """Nobody answers: wrong address, switched off, or the network is down. Retry later."""


class Silent(Unreachable):
    """Connected, but no usable answer in time. Retry later."""


class Busy(DeviceError):
    """The device serves one client at a time, and that is somebody else. Retry later."""


class WrongDevice(DeviceError):
    """Something answers, but it is not what was asked for. Tell the user."""


class WrongUnit(WrongDevice):
    """A Modbus gateway answers, but not for this unit id. Tell the user."""


class BadCredentials(DeviceError):
    """The device wants another user name, password or token. Ask the user."""


class Refused(DeviceError):
    """The device understood and declined: remote control is switched off, or a value is out of range."""


class Unusable(DeviceError):
    """A source whose values cannot be used: wrong unit, or never updated. Tell the user."""
