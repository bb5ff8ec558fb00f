"""The diagnostic `words`: a second, weaker learner that knows bags of words and nothing else."""
