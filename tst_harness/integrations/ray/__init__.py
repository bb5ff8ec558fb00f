"""Folds as tasks of a Ray cluster."""
