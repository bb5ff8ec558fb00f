"""The end of a session that imported large libraries."""

import atexit
import gc
import sys

_LARGE = {"tst_harness.engine.experiment", "tst_harness.report.assemble"}
_FROZEN: list[bool] = []


def search_once_more() -> None:
    """Look for garbage a last time in a session of a benchmark, which imported large libraries.

    Their modules are one tangle of references. pytest searches it several times for what fixtures and plugins
    leave behind, and Python takes it apart piece by piece when the process ends: a second of work. What was
    just seen to be no garbage is left out of both. Not before the summary: hypothesis asks then, with
    `gc.get_referrers`, whether generators of random numbers are in use. What cleans up by `close`, `with` or
    `atexit` still does.
    """
    # With torch comes triton, whose bindings call what is left a leak, on many lines.
    if not _LARGE.isdisjoint(sys.modules) and "torch" not in sys.modules:
        gc.collect()
        gc.freeze()
        _FROZEN.append(True)
        atexit.register(gc.freeze)


def search_as_before() -> None:
    """Take back what `search_once_more` left out, where it left anything out."""
    if _FROZEN:
        _FROZEN.clear()
        gc.unfreeze()
