"""Meters are read over real sockets."""

import pytest


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Allow sockets on this machine."""
