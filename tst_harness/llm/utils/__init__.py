"""Files, models and processes."""
