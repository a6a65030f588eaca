"""Recorded households, a modelled sky, a car in front of a charger, and the laws that may drive it."""
