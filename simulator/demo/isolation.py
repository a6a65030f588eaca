"""A network of its own for a Home Assistant that runs without anybody watching.

Home Assistant announces itself by mDNS and looks for updates as soon as it starts. In a network
namespace with nothing but a loopback it can do neither. A second address on that loopback stands for
the network, which its zeroconf wants to see before it starts. Linux only; anywhere else, or without
the right to do it, everything runs in the machine's own network.
"""

import ctypes
import fcntl
import os
import socket
import struct
from typing import Final

_SIOCADDRT, _SIOCSIFADDR, _SIOCSIFFLAGS, _SIOCSIFNETMASK = 0x890B, 0x8916, 0x8914, 0x891C
_IFF_UP, _IFF_LOOPBACK, _IFF_RUNNING, _IFF_MULTICAST = 0x1, 0x8, 0x40, 0x1000
_RTF_UP, _RTF_GATEWAY = 0x1, 0x2

_ADDRESS: Final = "10.255.255.2"
_GATEWAY: Final = "10.255.255.1"
_NETMASK: Final = "255.255.255.0"


class _Route(ctypes.Structure):
    """`struct rtentry` of linux/route.h."""

    _fields_ = (
        ("pad1", ctypes.c_ulong),
        ("dst", ctypes.c_ubyte * 16),
        ("gateway", ctypes.c_ubyte * 16),
        ("genmask", ctypes.c_ubyte * 16),
        ("flags", ctypes.c_ushort),
        ("pad2", ctypes.c_short),
        ("pad3", ctypes.c_ulong),
        ("pad4", ctypes.c_void_p),
        ("metric", ctypes.c_short),
        ("dev", ctypes.c_char_p),
        ("mtu", ctypes.c_ulong),
        ("window", ctypes.c_ulong),
        ("irtt", ctypes.c_ushort),
    )


def isolate() -> bool:
    """Move this process and all it starts into a network of its own; whether that worked."""
    if not hasattr(os, "unshare"):
        return False
    try:
        os.unshare(os.CLONE_NEWNET)
    except OSError:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _raise_loopback(control.fileno())
        _add_default_route(control.fileno())
    return True


def _raise_loopback(control: int) -> None:
    for name, address, netmask in (("lo", "127.0.0.1", "255.0.0.0"), ("lo:1", _ADDRESS, _NETMASK)):
        fcntl.ioctl(control, _SIOCSIFADDR, _request(name, _sockaddr(address)))
        fcntl.ioctl(control, _SIOCSIFNETMASK, _request(name, _sockaddr(netmask)))
        flags = _IFF_UP | _IFF_LOOPBACK | _IFF_RUNNING | _IFF_MULTICAST
        fcntl.ioctl(control, _SIOCSIFFLAGS, _request(name, struct.pack("h14x", flags)))


def _add_default_route(control: int) -> None:
    """Without one, nobody can tell which address faces the network."""
    route = _Route(flags=_RTF_UP | _RTF_GATEWAY, dev=b"lo")
    for field, address in (("dst", "0.0.0.0"), ("gateway", _GATEWAY), ("genmask", "0.0.0.0")):  # noqa: S104 (every destination)
        ctypes.memmove(getattr(route, field), _sockaddr(address), 16)
    fcntl.ioctl(control, _SIOCADDRT, route)


def _request(name: str, value: bytes) -> bytes:
    return struct.pack("16s24s", name.encode(), value)


def _sockaddr(address: str) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
