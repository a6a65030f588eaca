"""The lines to the devices: what can go wrong on them, who reads and who commands over them."""
