"""Chargers: one file for each make. They touch and decide nothing."""
