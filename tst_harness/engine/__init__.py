"""A benchmark made ready, its units, and their records."""
