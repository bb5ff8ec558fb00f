"""The diagnostic `words`: another learner, which knows bags of words and nothing else."""
