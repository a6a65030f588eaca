"""The demo: a simulated house, a real Home Assistant, and the integration between them over real sockets."""
