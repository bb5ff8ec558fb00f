"""Finds the files of a declared source: in a data directory, on the Hub or in its cache, or the sample."""

import glob
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal

from tst_harness.benchmark.declarations import Benchmark, HubDataset, LocalFile
from tst_harness.dataset.inside import data_files, parts_in, split_named
from tst_harness.dataset.opening import SUFFIXES, DataFile, files_at, readable
from tst_harness.errors import DataError, SourceUnavailable
from tst_harness.hub import answer_of

SAMPLE = Path(__file__).parent / "sample" / "sample.jsonl"
SAMPLE_LOCATION = "tst_harness/data/sample/sample.jsonl"

_PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Resolved:
    """The files to read and what to say of them.

    `location` names no directory of this machine; `substituted_for` is what the declaration asked
    for and why it could not be had, where the bundled sample stands in.
    """

    kind: Literal["hub", "file", "sample"]
    files: tuple[DataFile, ...]
    location: str
    revision: str | None = None
    substituted_for: str | None = None
    answers: tuple[DataFile, ...] = ()

    @property
    def paths(self) -> list[Path]:
        """The files' paths, in the order they are read."""
        return [file.path for file in self.files]


class _UnreachableError(Exception):
    """The Hub does not answer and its cache has no complete copy."""


def resolve(benchmark: Benchmark, data_dir: Path | None = None, require_real: bool = False) -> Resolved:
    """Find the files of a benchmark.

    For a `HubDataset` these are, in this order: `data_dir/<folder>/<file>`; the Hub, whose downloads
    are cached; its cache alone; the bundled sample, where the benchmark allows it.

    Raises
    ------
    SourceUnavailable
        The data exist and cannot be had from here, or `require_real` refuses the sample.
    DataError
        What was declared or asked for does not exist.
    """
    source = benchmark.source
    if isinstance(source, HubDataset):
        return _hub_dataset(benchmark, source, data_dir, require_real)
    if isinstance(source, LocalFile):
        files = _local(benchmark, source, source.path, data_dir)
        answers = () if source.answers is None else _local(benchmark, source, source.answers, data_dir)
        # The name alone where the path would tell of the machine.
        path = Path(source.path)
        outer = next((parent.parent for parent in path.parents if parent.is_file()), path.parent)
        location = path.relative_to(outer).as_posix() if path.is_absolute() else source.path
        return Resolved("file", files, location, answers=answers)
    if source.questions == "scenes":
        return _sample(None)
    file = f"{source.questions}.jsonl"
    location = f"tst_harness/dataset/sample/{file}"
    return Resolved("sample", (DataFile(SAMPLE.with_name(file), location),), location)


def _local(
    benchmark: Benchmark, source: LocalFile, named: str, data_dir: Path | None
) -> tuple[DataFile, ...]:
    """The files at a path or of a pattern."""
    here = [Path() if source.folder is None else Path(source.folder), Path()]
    for path in (folder / named for folder in (*here, *([] if data_dir is None else [data_dir]))):
        if path.exists():
            return data_files(path, named)
    for folder in here if glob.has_magic(named) else []:
        # Path.glob has no absolute patterns.
        matches = sorted(glob.glob(named, root_dir=folder, recursive=True))  # noqa: PTH207
        files = [file for match in readable(matches) for file in data_files(folder / match, match)]
        if files:
            return tuple(files)
    for folder in here:
        if members := _in_archive(folder, named):
            return members
    if source.row_order:
        raise SourceUnavailable(
            f"{benchmark.name}: there is no file {named!r}; get it, and pass --tst-data with the directory "
            "that this path starts at"
        )
    raise DataError(
        f"{benchmark.name}: there is no file {named!r} (a relative path starts at the module, or "
        "at the working directory); correct the path of LocalFile in the declaration"
    )


def split_of(path: Path, split: Literal["test", "validation"]) -> str | None:
    """The file, or the pattern of the files, of a split of a folder, archive, workbook or JSON document.

    None where its parts are not named after several splits, this one among them, or no pattern tells those of
    this one.
    """
    if path.is_dir():
        inside = [file.relative_to(path).as_posix() for file in sorted(path.rglob("*")) if file.is_file()]
        named = readable(inside)
    else:
        named = [inner for file in data_files(path, path.name) if (inner := file.part or file.member)]
    splits = {name: read for name in named if (read := split_named(name)) is not None}
    files = [name for name, (of, _) in splits.items() if of == split]
    if len({of for of, _ in splits.values()}) < 2 or not files:
        return None
    word = splits[files[0]][1]
    for pattern in (files[0], f"**/*{word}*", f"**/{word}/**"):
        if path.is_dir():
            matched = readable(sorted(glob.glob(pattern, root_dir=path, recursive=True)))  # noqa: PTH207
        else:
            matched = [name for name in named if _is_member(name, pattern)]
        if matched == files:
            return f"{path.as_posix()}/{pattern}"
    return None


def _in_archive(folder: Path, named: str) -> tuple[DataFile, ...]:
    """The parts of an archive, workbook or JSON document that the rest of a path, or a pattern, names."""
    for outer in PurePosixPath(named).parents:
        if (folder / outer).is_file():
            pattern = PurePosixPath(named).relative_to(outer).as_posix()
            files = files_at(folder / outer, outer.as_posix())
            parts = [part for file in files for part in (parts_in(file) or (file,))]
            return tuple(file for file in parts if _is_member(file.part or file.member or "", pattern))
    return ()


def _is_member(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(f"/{name}", pattern)


def download(benchmark: Benchmark, data_dir: Path | None = None) -> Resolved:
    """Download the files of a benchmark from the Hub, whatever lies elsewhere.

    Parameters
    ----------
    benchmark
        One whose source is a `HubDataset`.
    data_dir
        Put them into `data_dir/<folder>`; None leaves them in the Hub's cache.

    Raises
    ------
    SourceUnavailable
        The Hub cannot be reached, and what is asked for is not there yet.
    DataError
        There is nothing to download, or what is declared does not exist.
    """
    source = benchmark.source
    if not isinstance(source, HubDataset):
        raise DataError(f"{benchmark.name}: does not come from the Hub, so there is nothing to fetch")
    try:
        return _on_hub(benchmark, source, None if data_dir is None else data_dir / source.folder)
    except _UnreachableError as error:
        raise SourceUnavailable(
            f"{benchmark.name}: cannot fetch {source.repo} at {source.revision[:7]}: {error}; run the same "
            "where the network reaches the Hub"
        ) from None


def _sample(substituted_for: str | None) -> Resolved:
    file = DataFile(SAMPLE, SAMPLE_LOCATION)
    return Resolved("sample", (file,), SAMPLE_LOCATION, substituted_for=substituted_for)


def _hub_dataset(
    benchmark: Benchmark, source: HubDataset, data_dir: Path | None, require_real: bool
) -> Resolved:
    pinned = f"{source.repo} at {source.revision[:7]}"
    expected = f"{source.folder}/{source.file}"
    reasons = []
    if data_dir is not None:
        if not data_dir.is_dir():
            raise DataError(
                f"{benchmark.name}: the data directory {str(data_dir)!r} does not exist; correct --tst-data "
                "or TST_DATA_DIR, or leave both unset"
            )
        local = _in_data_dir(data_dir, source)
        if local is not None:
            return local
        reasons.append(f"the data directory has no {expected} (or the same in {', '.join(SUFFIXES)})")
    try:
        return _on_hub(benchmark, source)
    except _UnreachableError as error:
        reasons.append(str(error))
    why = f"{pinned}: {'; '.join(reasons)}"
    if benchmark.bundled_sample and not require_real:
        return _sample(why)
    remedy = (
        f"pass --tst-data DIR with the file at DIR/{expected} (or the same in {', '.join(SUFFIXES)}), or "
    )
    if benchmark.bundled_sample:
        remedy += "leave out --tst-require-real to use the bundled sample, or "
    raise SourceUnavailable(f"{benchmark.name}: cannot load {why}; {remedy}{_fetch(benchmark)}")


def _fetch(benchmark: Benchmark) -> str:
    return f"run `tst-harness fetch {benchmark.name}` where the network reaches the Hub"


def _in_data_dir(data_dir: Path, source: HubDataset) -> Resolved | None:
    root = data_dir / source.folder
    stem = str(PurePosixPath(source.file).with_suffix(""))
    patterns = [source.file]
    patterns += [stem.replace("*", "") + suffix for suffix in SUFFIXES]
    patterns += [stem + suffix for suffix in SUFFIXES]
    patterns.append(f"**/{source.file}")
    for pattern in patterns:
        files = _matches(root, pattern, source.folder)
        if files:
            location = files[0].name if len(files) == 1 else f"{source.folder}/{pattern}"
            return Resolved("file", files, location)
    return None


def _matches(root: Path, pattern: str, name: str) -> tuple[DataFile, ...]:
    relative = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file())
    return tuple(file for path in relative for file in data_files(root / path, f"{name}/{path}"))


def _on_hub(benchmark: Benchmark, source: HubDataset, folder: Path | None = None) -> Resolved:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    def snapshot(local_files_only: bool) -> tuple[DataFile, ...]:
        # A file may lie in a folder of the repository that the declaration does not name.
        for pattern, found_as in ((source.file, source.file), (f"*/{source.file}", f"**/{source.file}")):
            root = snapshot_download(
                source.repo,
                repo_type="dataset",
                revision=source.revision,
                allow_patterns=pattern,
                etag_timeout=_PROBE_SECONDS,
                local_files_only=local_files_only,
                local_dir=folder,
            )
            files = _matches(Path(root), found_as, source.repo)
            if files:
                break
        return files

    what = f"{benchmark.name}: the Hugging Face dataset {source.repo}"
    try:
        # One request that is not retried: huggingface_hub's own listing takes half a minute to give up.
        answer_of(lambda: HfApi().dataset_info(source.repo, revision=source.revision, timeout=_PROBE_SECONDS))
        files = snapshot(local_files_only=False)
    except GatedRepoError:
        raise SourceUnavailable(
            f"{what} asks for its terms to be accepted: accept them on its page, run `hf auth login`, then "
            f"{_fetch(benchmark)}"
        ) from None
    except RevisionNotFoundError:
        raise DataError(f"{what} has no revision {source.revision}; correct the declaration") from None
    except RepositoryNotFoundError:
        raise DataError(
            f"{what} does not exist or is private; correct the declaration or run `hf auth login`"
        ) from None
    except (
        Exception
    ) as error:  # the HTTP library, and so its exceptions, depends on huggingface_hub's version
        files = _cached(snapshot, error)
    if not files:
        raise DataError(
            f"{what} has no file {source.file!r} at revision {source.revision}; correct the declaration"
        )
    return Resolved("hub", files, f"{source.repo}/{source.file}", revision=source.revision)


def _cached(snapshot: Callable[[bool], tuple[DataFile, ...]], error: Exception) -> tuple[DataFile, ...]:
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        files = snapshot(True)
    except LocalEntryNotFoundError:
        files = ()
    if not files:
        raise _UnreachableError(
            f"the Hub cannot be reached ({type(error).__name__}) and its cache has no complete copy"
        ) from error
    return files
