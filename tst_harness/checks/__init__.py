"""What an auditor wants to know beyond the score: duplicates, order leaks, answer positions."""
