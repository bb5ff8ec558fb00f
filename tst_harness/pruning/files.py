"""The folder of a pruning: what it found, and what it needs to be continued."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter

from tst_harness.benchmark.model import Model
from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.errors import ReportError
from tst_harness.pruning.schema import PRUNING_VERSION, Iteration, PruningReport
from tst_harness.report.files import (
    DamagedFileError,
    canonical_json,
    parse_versioned,
    read_text,
    write_atomically,
)
from tst_harness.report.questions import Asked, write_questions
from tst_harness.report.schema import Settings

REPORT = "pruning.json"
REMOVED = "removed_ids.txt"
KEPT = "kept_ids.txt"
STATE = "pruning.state.json"

_FRESH = "--fresh (of pytest: --tst-fresh)"

_REPORT: TypeAdapter[PruningReport] = TypeAdapter(PruningReport)


class PruningState(Model):
    """A pruning that is not finished: what decides it, and the iterations that are done."""

    state_version: Literal[1] = 1
    key: str
    asked: dict[str, Any]
    iterations: list[Iteration] = Field(default_factory=list)


_STATE: TypeAdapter[PruningState] = TypeAdapter(PruningState)


class PruningFolder:
    """The files of one pruning.

    Parameters
    ----------
    path
        The folder; it is made when something is written.
    key
        A hash of all that decides the result.
    asked
        What the user may have changed of that, by name; it is compared with what an older pruning says.
    """

    def __init__(self, path: Path, key: str, settings: dict[str, Any]) -> None:
        self.path = path
        self._state = PruningState(key=key, asked=settings)

    def found(self) -> PruningReport | list[Iteration]:
        """Return the report of this very pruning where it is finished, else the iterations that are done.

        Raises
        ------
        ReportError
            The folder holds another pruning, or files that cannot be trusted; nothing is changed.
        """
        state, report = self.path / STATE, self.path / REPORT
        try:
            if state.exists():
                begun = parse_versioned(_STATE, state, read_text(state), "state_version", 1)
                self._check(begun.key, begun.asked)
                return begun.iterations
            if report.exists():
                finished = read_pruning(report)
                about = (finished.benchmark, finished.settings, finished.diagnosis, finished.null_control)
                self._check(finished.key, asked_of(*about))
                return finished
        except DamagedFileError as error:
            raise ReportError(f"{error}; or start over with {_FRESH}") from error
        for name in (REMOVED, KEPT):
            if (self.path / name).exists():
                raise ReportError(
                    f"{self.path / name} is not of a pruning; name another folder, or write over it with "
                    f"{_FRESH}"
                )
        return []

    def start_over(self) -> list[Iteration]:
        """Forget what was begun; what an older pruning found stays until this one is finished."""
        (self.path / STATE).unlink(missing_ok=True)
        return []

    def keep(self, iterations: list[Iteration]) -> None:
        """Write what is needed to continue after these iterations."""
        state = self._state.model_copy(update={"iterations": iterations})
        write_atomically(self.path / STATE, canonical_json(state.model_dump(mode="json")))

    def write(self, report: PruningReport, removed: Asked) -> None:
        """Write the report, both lists of ids and what the removed questions ask."""
        for name, ids in ((REMOVED, report.removed), (KEPT, report.kept)):
            write_atomically(self.path / name, (f"{id_}\n" for id_ in ids))
        write_questions(Path(REPORT).stem, removed, self.path)
        write_pruning(self.path, report)
        self.start_over()

    def _check(self, key: str, previous: dict[str, Any]) -> None:
        if key == self._state.key:
            return
        now = self._state.asked
        differ = [name for name in now if now[name] != previous.get(name)]
        what = (
            f"with {differ[0]} {previous.get(differ[0])} where {now[differ[0]]} is asked for"
            if differ
            else "of other data, declarations or versions"
        )
        raise ReportError(
            f"{self.path} holds a pruning {what}; name another folder, or start over with {_FRESH}"
        )


def asked_of(
    benchmark: str, settings: PruningSettings, diagnosis: Settings, null_control: bool
) -> dict[str, Any]:
    """Return what a user decides of a pruning, by name."""
    return {
        "benchmark": benchmark,
        **settings.model_dump(mode="json"),
        **diagnosis.model_dump(mode="json"),
        "null_control": null_control,
    }


def write_pruning(folder: Path, report: PruningReport) -> None:
    """Write the report into the folder of its pruning."""
    write_atomically(folder / REPORT, canonical_json(report.model_dump(mode="json"), indent=2))


def read_pruning(path: Path) -> PruningReport:
    """Return the report in a `pruning.json`.

    Raises
    ------
    DamagedFileError
        It was cut short, is of another schema, or has an invalid field.
    ReportError
        It does not exist or cannot be read.
    """
    return parse_versioned(_REPORT, path, read_text(path), "schema_version", PRUNING_VERSION, "prune again")
