"""A dataset on the Hugging Face Hub as a user names it: owner/name[@revision][:file, or config/split]."""

import re

from tst_harness.benchmark.declarations import HubDataset
from tst_harness.dataset.opening import SUFFIXES, is_readable
from tst_harness.errors import DataError, SourceUnavailable

_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?(?::(?P<file>.+))?")
_SHARD = re.compile(r"-\d{5}-of-\d{5}(?=\.)")
_SECONDS = 5.0
_MOST_NAMED = 8


def hub_dataset(named: str) -> HubDataset:
    """The dataset, its revision pinned and its file found where they are not given.

    Raises
    ------
    SourceUnavailable
        The Hub cannot be reached or does not let us in.
    DataError
        There is no such dataset or file, or it has several files and none is named.
    """
    match = _ID.fullmatch(named)
    if match is None:
        raise DataError(f"there is no file {named!r}, and it is no Hub dataset OWNER/NAME[@REVISION][:FILE]")
    repo, revision, file = match["repo"], match["revision"] or "main", match["file"]
    if file is None or not is_readable(file) or not re.fullmatch("[0-9a-f]{40}", revision):
        revision, files = _look_up(repo, revision)
        file = file if file and is_readable(file) else _only(repo, files, file)
    return HubDataset(repo, revision=revision, file=file)


def _look_up(repo: str, revision: str) -> tuple[str, list[str]]:
    """The commit of a revision and the files that it has."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        info = HfApi().dataset_info(repo, revision=revision, timeout=_SECONDS)
    except GatedRepoError:
        raise SourceUnavailable(
            f"the Hugging Face dataset {repo} asks for its terms to be accepted: accept them on its page, "
            "then run `hf auth login`"
        ) from None
    except RevisionNotFoundError:
        raise DataError(f"the Hugging Face dataset {repo} has no revision {revision!r}") from None
    except RepositoryNotFoundError:
        raise DataError(
            f"there is no file {repo!r} here, and no Hugging Face dataset of this name, or it is private: "
            "run `hf auth login`"
        ) from None
    except (
        Exception
    ) as error:  # the HTTP library, and so its exceptions, depends on huggingface_hub's version
        raise SourceUnavailable(
            f"there is no file {repo!r} here, and the Hugging Face Hub cannot be reached "
            f"({type(error).__name__}); run this where it can be, or name a file"
        ) from None
    return str(info.sha), [sibling.rfilename for sibling in info.siblings or ()]


def _in_split(files: list[str], named: str | None) -> list[str]:
    """The files of a configuration, a split, or both as in "main/test"; all where none is named."""
    words = [word for word in re.split("[/:]", named or "") if word]
    parts = {name: re.split(r"[/._]|-(?=\d{5}-of-)", name) for name in files}
    return [name for name in files if all(word in parts[name] for word in words)]


def _only(repo: str, files: list[str], named: str | None) -> str:
    """The one file to audit, or the pattern of its shards: the test split where there are several."""
    readable = [name for name in files if is_readable(name)]
    patterns = list(dict.fromkeys(_SHARD.sub("-*", name) for name in _in_split(readable, named)))
    if not patterns and readable:
        others = list(dict.fromkeys(_SHARD.sub("-*", name) for name in readable))
        raise DataError(
            f"the Hugging Face dataset {repo} has no file of the configuration or split {named!r}; it has "
            f"{_listed(others)}"
        )
    tests = [name for name in patterns if "test" in name.rpartition("/")[2].lower()]
    if len(patterns) == 1 or len(tests) == 1:
        return (tests or patterns)[0]
    if not patterns:
        raise DataError(
            f"the Hugging Face dataset {repo} has no file that can be read: {', '.join(SUFFIXES)}"
        )
    raise DataError(
        f"the Hugging Face dataset {repo} has {len(patterns)} files; say which, as in {repo}:{patterns[0]} "
        f"({_listed(patterns)})"
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
