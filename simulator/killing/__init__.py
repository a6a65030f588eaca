"""The kill test: a real Home Assistant in front of the simulated house is killed again and again, mid-session."""
