"""What is expected: prices, sun and the house's use, from now to the horizon."""
