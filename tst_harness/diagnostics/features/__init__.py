"""Feature models written by hand, and their cross-validation."""
