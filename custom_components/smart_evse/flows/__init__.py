"""The questions we ask, and how the answers are tested before they are accepted."""
