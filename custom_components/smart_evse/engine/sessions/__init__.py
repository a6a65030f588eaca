"""Sessions: plug-in to plug-out, every watt-hour a difference of two registers, every quarter of an hour explained."""
