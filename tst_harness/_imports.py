"""Imports of what takes long, and the end of a process that made them."""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock

_IMPORTING = RLock()


@contextmanager
def heavy_imports() -> Iterator[None]:
    """Import large libraries without stopping to look for garbage, of which they make next to none.

    Modules are one tangle of references. Each search goes through all that was imported before, and the last
    one, when the process ends, takes it apart piece by piece; a process that imported this much leaves that
    to the operating system. What cleans up by `close`, `with` or `atexit` still does.
    """
    # One thread at a time, or the first to be done would end the pause of the other.
    with _IMPORTING:
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()
        _leave_the_rest_at_exit()


def search_once_more() -> None:
    """Look for garbage a last time in a session that imported large libraries.

    pytest then does so several times, for what fixtures and plugins leave behind at the end. What was just
    seen to be no garbage is left out, until `gc.unfreeze`.
    """
    if _leave_the_rest_at_exit.cache_info().currsize:
        gc.collect()
        gc.freeze()


@cache
def _leave_the_rest_at_exit() -> None:
    # Not before: what is frozen is hidden from `gc.get_referrers`, which others rely on.
    atexit.register(gc.freeze)
