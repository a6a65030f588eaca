"""What a run was worth: money, sun, calm, and what the fuse saw."""
