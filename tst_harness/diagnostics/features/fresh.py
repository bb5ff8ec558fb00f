"""Fresh copies of a user's model: what it computes when it has seen nothing but one table.

A model may keep what it was handed: in an attribute, in its class, in a cache of its module. So a process of
its own imports the model and never calls it; each call is made in a fork of that process, which ends with it.
"""

import os
import pickle
import sys
import traceback
import weakref
from collections.abc import Sequence
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import cloudpickle
import numpy as np
import pandas as pd

from tst_harness.analysis.folds import IntArray
from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel, add_features, select
from tst_harness.errors import EngineError, HarnessError, LeakError
from tst_harness.processes.child import Child

REMEDY = "or run with --tst-allow-leak, which the report then says"
_CODE = (".py", ".pyc", ".so", ".pth")
_OF_THE_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/usr")
_pickles: dict[int, bytes] = {}


class Part(NamedTuple):
    """A fold of the rows that a model selects: row numbers of the frame, those trained on apart.

    `at` has all that it selects.
    """

    at: IntArray
    train: IntArray
    held_out: IntArray
    target: str


class Outcome(NamedTuple):
    """What a model makes of the questions of a fold, those trained on first."""

    ids: list[str]
    features: pd.DataFrame
    target: "pd.Series[Any]"


class Failure(NamedTuple):
    """An error of the model's own, as text."""

    message: str


def outcome(model: FeatureBasedBiasModel, frame: pd.DataFrame, id_col: str, part: Part) -> Outcome:
    """Let a model select rows, learn its maps from the training rows and add its features.

    Raises
    ------
    LeakError
        It selects other rows than those of the part.
    """
    chosen = select(model, frame, id_col)
    others = np.setxor1d(chosen.at, part.at)
    if len(others):
        raise LeakError(
            f"{model.name}: select_rows keeps or drops the question "
            f"{str(frame[id_col].iloc[others[0]])!r} by the answers of held-out questions, or by what it was "
            f"handed before; select by the question alone, {REMEDY}"
        )
    order = np.argsort(chosen.at)
    rows = np.concatenate([part.train, part.held_out])
    place = order[np.searchsorted(chosen.at, rows, sorter=order)]
    train, held_out = (chosen.rows.iloc[at] for at in np.split(place, [len(part.train)]))
    model.fit_feature_maps(train.copy())
    names = list(dict.fromkeys(model.feature_cols))
    features = [add_features(model, own)[names] for own in (train, held_out)]
    return Outcome(
        [chosen.ids[row] for row in place],
        pd.concat(features, ignore_index=True),
        chosen.rows[part.target].iloc[place],
    )


def pristine(model: FeatureBasedBiasModel) -> bytes:
    """Return the model as it was when this was first called for it, which is to be before it sees data.

    Raises
    ------
    LeakError
        It holds what cannot be copied, such as an open file.
    """
    if id(model) not in _pickles:
        try:
            copied = cloudpickle.dumps(model)
            weakref.finalize(model, _pickles.pop, id(model), None)
        except Exception as error:
            raise LeakError(
                f"{model.name}: cannot be copied into another process ({type(error).__name__}: {error}), "
                f"so it cannot be told whether features read held-out answers; open what it needs in its "
                f"methods, {REMEDY}"
            ) from error
        _pickles[id(model)] = copied
    return _pickles[id(model)]


class FreshCopies:
    """Fresh copies of a model, one for each call.

    Parameters
    ----------
    model
        Whose `pristine` state is copied.
    frame, id_col
        As from `identified`.
    """

    def __init__(self, model: FeatureBasedBiasModel, frame: pd.DataFrame, id_col: str) -> None:
        self._model = pristine(model)
        self._modules = [
            (kind.__module__, getattr(sys.modules.get(kind.__module__), "__file__", None))
            for kind in type(model).__mro__[::-1]
        ]
        self._frame, self._id_col = frame, id_col

    def outcome(self, part: Part, answers: pd.DataFrame | None = None) -> tuple[Outcome | Failure, list[str]]:
        """Return what a fresh copy makes of a fold, and the files that it read.

        Parameters
        ----------
        part
            The fold.
        answers
            Columns that stand in place of those of the frame.

        Raises
        ------
        HarnessError
            Of `outcome`.
        """
        frame = self._frame
        if answers is not None:
            frame = frame.assign(**{str(name): answers[name] for name in answers})
        try:
            returned = _nursery().call("outcome", self._model, self._modules, frame, self._id_col, part)
        except EngineError as error:
            _started.clear()
            return Failure(str(error)), []
        made, files = pickle.loads(returned)
        if isinstance(made, HarnessError):
            raise made
        return made, files


_started: dict[tuple[object, ...], Child] = {}


def _nursery() -> Child:
    """The process that forks, started anew where modules may come from elsewhere than before."""
    key = (os.getpid(), os.getcwd(), *sys.path)  # noqa: PTH109 - plain text, as the others
    if key not in _started:
        for child in _started.values():
            child.stop()
        _started.clear()
        _started[key] = Child(f"{__name__}:Nursery", {}, "feature models")
    return _started[key]


class Nursery:
    """The other side: imports the modules of models, calls nothing in them, and forks for each call."""

    def outcome(
        self,
        model: bytes,
        modules: Sequence[tuple[str, str | None]],
        frame: pd.DataFrame,
        id_col: str,
        part: Part,
    ) -> bytes:
        """As for `FreshCopies.outcome`, pickled."""
        for name, file in modules:
            _import(name, file)
        reading, writing = os.pipe()
        fork = os.fork()
        if not fork:
            os.close(reading)
            with os.fdopen(writing, "wb") as stream:
                stream.write(_pickled(model, frame, id_col, part))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            made = stream.read()
        _, status = os.waitpid(fork, 0)
        if not made:
            code = os.waitstatus_to_exitcode(status)
            return pickle.dumps((Failure(f"its process ended with status {code}"), []))
        return made


def _pickled(model: bytes, frame: pd.DataFrame, id_col: str, part: Part) -> bytes:
    files: list[str] = []
    sys.addaudithook(lambda event, values: _note(files, event, values))
    try:
        made: object = outcome(pickle.loads(model), frame, id_col, part)
        return pickle.dumps((made, files))
    except HarnessError as error:
        made = error
    except BaseException as error:
        traceback.print_exc()
        made = Failure(f"{type(error).__name__}: {error}")
    return pickle.dumps((made, files))


def _import(name: str, file: str | None) -> None:
    """Import a module as it was imported where the model comes from, though no search would find it."""
    try:
        if getattr(import_module(name), "__file__", None) == file:
            return
    except ImportError:
        pass
    spec = spec_from_file_location(name, file) if file and name != "__main__" else None
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


def _note(files: list[str], event: str, values: tuple[Any, ...]) -> None:
    """Remember a file of data that is opened for reading."""
    if event != "open" or not isinstance(values[0], str | bytes):
        return
    path = os.path.abspath(os.fsdecode(values[0]))  # noqa: PTH100 - a Path would be resolved by opening
    if path.startswith((sys.prefix, sys.base_prefix, *_OF_THE_SYSTEM)) or Path(path).suffix in _CODE:
        return
    if path not in files:
        files.append(path)
