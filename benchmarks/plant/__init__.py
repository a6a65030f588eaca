"""A site as slow and as crooked as real ones, second by second: what a controller has to live with."""
