"""Resampling by group, exact bounds, permutations, paired comparison."""
