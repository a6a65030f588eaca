"""The situations in which laws are compared, as a table, and how they are run."""
