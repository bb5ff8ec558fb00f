"""What was asked, kept once by who read the data."""

from pathlib import Path

from tst_harness.analysis.blind_baseline import inclusive_rules
from tst_harness.analysis.records import Origin, QuestionsRecord
from tst_harness.analysis.scoring import option_letter
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set
from tst_harness.engine.store import RecordStore, record_key

MOST_QUOTED = 200_000
"""Of a larger benchmark no text is kept: nobody reads a page of so many."""


def keep_questions(store: RecordStore, dataset: Dataset, origin: Origin) -> tuple[Path, str] | None:
    """Store what a dataset asks and the answers it is scored against, and return the path and the digest.

    Parameters
    ----------
    store
        Of the session's records.
    dataset
        The questions.
    origin
        Of any record about them. Where it leaves texts out nothing is stored, and what is there is removed.

    Returns
    -------
    None where texts are left out, or where there are more than 200,000 questions.
    """
    key = _key(origin)
    record = questions_record(dataset, origin)
    if record is None:
        store.path(origin.benchmark, key).unlink(missing_ok=True)
        return None
    return store.write(record)


def questions_record(dataset: Dataset, origin: Origin) -> QuestionsRecord | None:
    """Return what a dataset asks and the answers it is scored against; None as from `keep_questions`."""
    frame = dataset.frame
    if origin.texts == "omitted" or len(frame) > MOST_QUOTED:
        return None
    rules = inclusive_rules(dataset.benchmark)
    # The same bytes, whichever process writes them and for whichever diagnostic.
    about = {"diagnostic": "questions", "diagnostic_settings": {}, "versions": {}, "notes": []}
    return QuestionsRecord(
        key=_key(origin),
        origin=origin.model_copy(update=about),
        id=frame["id"].tolist(),
        text=[_written(text) for text in frame["text"]],
        options=[[_written(option) for option in row] if row else None for row in frame["options"]],
        answer=[
            _shown(dataset, format, answer)
            for format, answer in zip(frame["format"], frame["answer"], strict=True)
        ],
        accepted=[
            [_written(text) for text in dataset.accepted[int(answer)]] if format == "open" else None
            for format, answer in zip(frame["format"], frame["answer"], strict=True)
        ],
        position=frame["position"].tolist(),
        inclusive=[rules.get(name, False) for name in frame["type"]],
    )


def _key(origin: Origin) -> str:
    settings = origin.settings
    return record_key(
        unit="questions",
        data=origin.source.fingerprint.content,
        subset=None if settings.limit is None else [settings.limit, settings.seed],
        permuted=settings.seed if origin.null_control else None,
    )


def _shown(dataset: Dataset, format: str, answer: float) -> str | float:
    if format == "mc":
        return option_letter(int(answer))
    if format == "multi":
        return ", ".join(map(option_letter, option_set(answer)))
    return _written(dataset.accepted[int(answer)][0]) if format == "open" else float(answer)


def _written(text: str) -> str:
    # Half a surrogate pair, which JSON can hold, is no text that a file can.
    return text.encode("utf-8", "replace").decode()
