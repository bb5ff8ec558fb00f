"""Imports of what takes long."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_IMPORTING = RLock()


@contextmanager
def heavy_imports() -> Iterator[None]:
    """Import large libraries without stopping to look for garbage, now or later.

    Modules are one tangle of references that lives as long as the process. Left to itself, Python goes
    through all of it again and again while they are imported, and takes it apart piece by piece at the end.
    """
    # One thread at a time, or the first to be done would end the pause of the other.
    with _IMPORTING:
        collecting, known = gc.isenabled(), len(sys.modules)
        gc.collect()  # What is garbage by now must not be kept with the modules.
        gc.disable()
        try:
            yield
        finally:
            if len(sys.modules) > known:
                gc.freeze()
            if collecting:
                gc.enable()
