"""What goes on record of a stay."""
