"""List, verify and prune the records of finished folds."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.analysis.figures import counted
from tst_harness.analysis.units import describe_folds
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import DataError

if TYPE_CHECKING:
    from tst_harness.engine.store import RecordStore

_DAY = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is to be done, and where."""
    parser.add_argument(
        "action",
        choices=("list", "verify", "prune"),
        help="list: what is stored; verify: read every record, and fail where one is damaged; prune: remove "
        "records that no session has used for --days, and what was set aside or left by a killed process",
    )
    parser.add_argument(
        "--report", metavar="DIR", default="reports", help="the folder of the reports (default: reports)"
    )
    parser.add_argument(
        "--days", metavar="N", type=float, default=30.0, help="for prune: days without use (default: 30)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it, and print a line for each thing that was found or removed."""
    from tst_harness.engine.store import RECORDS, RecordStore

    folder = Path(arguments.report)
    if not folder.is_dir():
        raise DataError(
            f"there is no folder {arguments.report!r}: name that of the reports with --report DIR"
        )
    store = RecordStore(folder / RECORDS)
    actions = {"list": _list, "verify": _verify}
    if arguments.action in actions:
        return actions[arguments.action](store)
    if not arguments.days >= 0.0:
        raise DataError(f"--days {arguments.days:g} would remove every record; give a number of days from 0")
    return _prune(store, arguments.days)


def _list(store: "RecordStore") -> int:
    sets: dict[tuple[str, ...], list[Path]] = {}
    for path, record in store.records():
        if isinstance(record, str):
            continue
        origin = record.origin
        settings = origin.settings
        about = f"{describe_folds(settings.folds, settings.split)}, seed {settings.seed}"
        if record.kind == "questions":
            about = "texts and answers"  # The same for all folds.
        data = f"data {origin.source.fingerprint.content[:12]}"
        sets.setdefault((origin.benchmark, origin.diagnostic, data, about), []).append(path)
    for named, paths in sorted(sets.items()):
        size = sum(path.stat().st_size for path in paths)
        used = max(path.stat().st_mtime for path in paths)
        when = time.strftime("%Y-%m-%d", time.localtime(used))
        count = f"{len(paths)} record{'s' * (len(paths) > 1)}"
        print(f"{' | '.join(named)} | {count}, {size / 1e6:.1f} MB, last used {when}")
    if not sets:
        print(f"{store.root} holds no record")
    return ExitStatus.OK


def _verify(store: "RecordStore") -> int:
    sound = 0
    problems = []
    for _, record in store.records():
        if isinstance(record, str):
            problems.append(record)
        else:
            sound += 1
    for problem in problems:
        print(problem)
    print(f"{sound} records are sound, {len(problems)} damaged")
    return ExitStatus.FAILED if problems else ExitStatus.OK


def _prune(store: "RecordStore", days: float) -> int:
    removed = size = 0
    now = time.time()
    for path in [*_unused(store.files(), now - days * _DAY), *_unused(store.leftovers(), now - _DAY)]:
        size += path.stat().st_size
        path.unlink(missing_ok=True)
        removed += 1
    kept = counted(len(store.files()), "record")
    print(f"removed {counted(removed, 'file')}, {size / 1e6:.1f} MB; kept {kept}")
    return ExitStatus.OK


def _unused(paths: list[Path], since: float) -> Iterator[Path]:
    for path in paths:
        # Links are left to whoever made them; one may lead in a circle, or out of the store.
        if path.is_symlink() or not path.is_file():
            print(f"left alone, since it is no file: {path}")
        elif path.stat().st_mtime < since:
            yield path
