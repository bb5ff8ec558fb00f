"""The declaration language: pydantic models only."""
