"""Where files are, as messages name them."""

from pathlib import Path


def shown(path: Path) -> Path:
    """Return the path from where the command is run, if it is below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
