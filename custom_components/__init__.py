"""The folder Home Assistant looks into."""
