"""What the LLM is shown and what it answers."""
