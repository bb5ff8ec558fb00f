"""Which question each record is about: by its id, else by text and options, else by the row it names."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tst_harness.errors import DataError
from tst_harness.results.answers import plain
from tst_harness.results.fields import Fields
from tst_harness.results.key import AnswerKey
from tst_harness.results.prompts import Prompts

_ENOUGH = 0.9
_NAMED = 3
_ASKED = 500


@dataclass(frozen=True)
class Match:
    """The question of each record.

    Attributes
    ----------
    rows
        A row of the answer key for each record, None where it is of no question.
    by
        How they were matched, in words.
    """

    rows: list[int | None]
    by: str

    @property
    def questions(self) -> int:
        """How many questions have a record."""
        return len({row for row in self.rows if row is not None})


def match(name: str, records: Sequence[Fields], key: AnswerKey) -> Match:
    """Return the question of each record.

    Ids count where most questions are found by them and no text contradicts, as do row numbers; the field
    with the most hits is taken. Texts that several questions share name none of them.

    Raises
    ------
    DataError
        No record is of any question.
    """
    paths = dict.fromkeys(path for record in records for path in record.ids)
    by_id = [
        Match([key.rows.get(record.ids.get(path, "")) for record in records], f"the id in {path!r}")
        for path in paths
    ]
    # Finding questions in prompts takes most of the time, and a part of them tells whether ids are wrong.
    part = range(0, len(records), max(1, len(records) // _ASKED))
    in_prompts = _rows_in_prompts([records[at] for at in part], key)
    by_id = [
        way for way in by_id if not _contradicted(records, way, key, dict(zip(part, in_prompts, strict=True)))
    ]
    best = max(by_id, key=lambda way: way.questions, default=None)
    if best is not None and best.questions >= _ENOUGH * len(key):
        return best
    asks = _rows_in_prompts(records, key)
    all_asked = dict(enumerate(asks))
    by_position = [
        way for way in _by_position(records, key) if not _contradicted(records, way, key, all_asked)
    ]
    others = [*_by_text(records, key), Match(asks, "the question in the prompt"), *by_position]
    candidates = [*([] if best is None else [best]), *others]
    chosen = max(candidates, key=lambda way: way.questions, default=None)
    if chosen is None or not chosen.questions:
        raise DataError(_unknown(name, records, key, list(paths)))
    return chosen


def _rows_in_prompts(records: Sequence[Fields], key: AnswerKey) -> list[int | None]:
    """The question that stands in what was put to the model, or in the text of a record."""
    texts = [record.prompt or record.text for record in records]
    if not any(texts):
        return [None] * len(records)
    prompts = _prompts(key)
    return [None if text is None else prompts.row(text) for text in texts]


@lru_cache(maxsize=1)
def _prompts(key: AnswerKey) -> Prompts:
    """Those of one benchmark serve the results of all models."""
    return Prompts(key)


def _contradicted(
    records: Sequence[Fields], way: Match, key: AnswerKey, asks: Mapping[int, int | None]
) -> bool:
    """Whether the texts of most records are not those of the questions that their ids are of.

    `asks` has the question in the prompt, by the place of the record.
    """
    read = [(way.rows[at], other) for at, other in asks.items() if way.rows[at] is not None]
    if sum(other not in (None, row) for row, other in read) > (1.0 - _ENOUGH) * len(read):
        return True
    pairs = [
        (record.text, key.text[row])
        for record, row in zip(records, way.rows, strict=True)
        if row is not None and record.text is not None and key.text[row] is not None
    ]
    # A prompt has the question in it.
    same = sum(plain(question or "") in plain(text or "") for text, question in pairs)
    return bool(pairs) and same < _ENOUGH * len(pairs)


def _by_text(records: Sequence[Fields], key: AnswerKey) -> list[Match]:
    if all(text is None for text in key.text) or all(record.text is None for record in records):
        return []

    def written(row: int) -> tuple[str, tuple[str, ...]]:
        return plain(key.text[row] or ""), tuple(map(plain, key.options[row] or ()))

    whole = _only([written(row) for row in range(len(key))])
    texts = _only([written(row)[0] for row in range(len(key))])
    sorted_options = _only(
        [(text, tuple(sorted(options))) for text, options in map(written, range(len(key)))]
    )

    def row_of(record: Fields) -> int | None:
        if record.text is None:
            return None
        text = plain(record.text)
        options = tuple(map(plain, record.options or ()))
        row = whole.get((text, options))
        row = sorted_options.get((text, tuple(sorted(options)))) if row is None else row
        return texts.get(text) if row is None and not options else row

    return [Match([row_of(record) for record in records], "text and options")]


def _only(values: Sequence[Hashable]) -> dict[Hashable, int]:
    """The row of each value that no other row has."""
    counts = Counter(values)
    return {value: row for row, value in enumerate(values) if counts[value] == 1}


def _by_position(records: Sequence[Fields], key: AnswerKey) -> list[Match]:
    named = {record.position[1] for record in records if record.position is not None}
    if key.position is None or not named:
        return []
    rows = [
        None if record.position is None else key.row_of_position.get(record.position[0]) for record in records
    ]
    return [Match(rows, f"the row number in {', '.join(map(repr, sorted(named)))}")]


def _unknown(name: str, records: Sequence[Fields], key: AnswerKey, paths: list[str]) -> str:
    named = [next(iter(record.ids.values())) for record in records[:_NAMED] if record.ids]
    if not named:
        return (
            f"{name}: its {len(records):,} records have no id and no text of a question of {key.benchmark}; "
            "add a column id"
        )
    return (
        f"{name}: none of its {len(records):,} records is of a question of {key.benchmark}: its ids are "
        f"{', '.join(map(repr, named))}, ... (in {', '.join(map(repr, paths))}) and those of {key.benchmark} "
        f"{', '.join(map(repr, key.id[:_NAMED]))}, ...; these are results of another test set"
    )
