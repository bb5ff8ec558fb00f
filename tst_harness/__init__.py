"""tst-harness: pytest for benchmark bias."""

__version__ = "0.1.0"
