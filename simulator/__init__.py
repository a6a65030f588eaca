"""A small house on real sockets: grid meter, sun, chargers and cars, for the demo and for tests.

The physics (`house`, `station`, `car`, `dcbox`, `sun`, `recording`) is pure: seeded, and moved by
`House.step(seconds)` and nothing else. `sockets/` puts the devices of the house on the network, each
as its maker would; `running` lets time pass and opens them all.
"""
