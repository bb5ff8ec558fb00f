"""Iterative Bias Pruning: remove the most exploitable questions, diagnose the rest, repeat."""
