"""Statements as PDF. What draws them is installed on first use: nothing imports this before a document is wanted."""
