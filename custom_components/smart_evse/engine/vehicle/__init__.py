"""What is known of the cars: how full they are, what they can take, when they leave."""
