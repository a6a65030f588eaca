"""Meters: one file for each kind of source. They touch and decide nothing."""
