"""Benchmark declarations, their sources, and the loading and validation of their questions."""
