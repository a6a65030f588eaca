"""What a driver pays: tariffs, their prices, and what they make of a session."""
