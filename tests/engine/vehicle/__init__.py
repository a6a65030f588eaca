"""What is known of the cars."""
