"""Progress bars: a widget in a notebook, else a line of the terminal that is gone at the end."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from tst_harness.activity import said

if TYPE_CHECKING:
    from tst_harness.pruning.loop import PruningProgress


def progress_bar(name: str, unit: str, shown: bool, total: int | None = None) -> "tqdm[None]":
    """Return a bar that counts units of work; with `shown` false it writes nothing."""
    # Each unit is drawn: it takes longer than that.
    always = {"mininterval": 0.0, "miniters": 1}
    return tqdm(desc=name, unit=f" {unit}", total=total, disable=not shown, leave=False, **always)


def show(bar: "tqdm[None]", beside: str, units: int = 1) -> None:
    """Move a bar on by some units, with a text beside it."""
    bar.set_postfix_str(beside, refresh=False)
    bar.update(units)
    if not bar.disable:
        said()


def follow_pruning(bar: "tqdm[None]") -> "Callable[[PruningProgress], None]":
    """Return what moves a bar on to the number of questions that a pruning has removed."""

    def follow(progress: "PruningProgress") -> None:
        bar.total = progress.most
        show(bar, f"score {100 * progress.score:.1f}", progress.removed - bar.n)

    return follow
