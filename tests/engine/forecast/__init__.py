"""What is expected of prices, sun and house."""
