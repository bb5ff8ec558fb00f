"""What diagnostics are called in records and reports."""

FOREST = "forest"
LLM = "llm"
WORDS = "words"
STACK = "stack"
"""What forest and llm make of the same folds together: no analysis, but made from the records of both."""
FEATURES = "features"
MODELS = "models"
GROUPED = "_grouped"
"""How the name of a diagnostic ends whose folds keep groups whole, where it runs on random folds as well."""


def ungrouped(diagnostic: str) -> str:
    """Return the diagnostic's name, whether its folds keep groups whole or not."""
    return diagnostic.removesuffix(GROUPED)
