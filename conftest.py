"""Repository set-up for pytest."""

pytest_plugins = ["pytester"]
