"""Iterative Bias Pruning (arXiv 2511.04655, section 4): remove what is most exploitable, diagnose again."""
