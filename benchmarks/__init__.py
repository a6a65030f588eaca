"""Benchmarks: what the project claims about itself, measured."""
