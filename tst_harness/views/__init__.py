"""A report for people: terminal, Markdown, HTML."""
