"""Options in another order than those of the benchmark, whose letters mean other options."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tst_harness.analysis.scoring import LETTERS, option_letter
from tst_harness.errors import DataError
from tst_harness.results.answers import other_order, plain
from tst_harness.results.fields import Fields
from tst_harness.results.key import AnswerKey
from tst_harness.results.matching import Match
from tst_harness.results.prompts import order_of_options, words_of

_FEW = 0.01
"""So many rows may state another right answer than the benchmark, as after a correction of its labels."""

_DEVIATIONS = 3.0
"""So far below luck is not by chance."""


def with_options(records: Sequence[Fields], matched: Match, key: AnswerKey) -> list[Fields]:
    """Return records with the options in the order of their prompts, where they have none of their own."""
    return [
        record
        if row is None or record.prompt is None or record.options is not None
        else replace(record, options=_options_in_prompt(record, row, key))
        for record, row in zip(records, matched.rows, strict=True)
    ]


def without_rotations(
    records: Sequence[Fields], matched: Match, key: AnswerKey
) -> tuple[list[Fields], Match, tuple[str, ...]]:
    """Leave out what asks a question again with its options in another order, as circular evaluation does."""
    pairs = list(zip(records, matched.rows, strict=True))
    moved = [row is not None and _other_options(record, row, key) for record, row in pairs]
    in_order = {row for (_, row), other in zip(pairs, moved, strict=True) if row is not None and not other}
    kept = [pair for pair, other in zip(pairs, moved, strict=True) if not other or pair[1] not in in_order]
    if len(kept) == len(pairs):
        return list(records), matched, ()
    note = f"{len(pairs) - len(kept):,} records ask again with the options in another order, and are left out"
    return [record for record, _ in kept], Match([row for _, row in kept], matched.by), (note,)


def check_options(records: Sequence[Fields], matched: Match, key: AnswerKey) -> None:
    """Check that letters mean the benchmark's options.

    Raises
    ------
    DataError
        Records have the options in another order, or other right answers.
    """
    pairs = [(record, row) for record, row in zip(records, matched.rows, strict=True) if row is not None]
    chosen = [(record, row) for record, row in pairs if key.format[row] in ("mc", "multi")]
    by_letter = [pair for pair in chosen if _other_options(*pair, key) and _by_letter(pair[0])]
    slips = [
        (record, row) for record, row in chosen if other_order(record.answer or "", key.options[row] or ())
    ]
    if by_letter or len(slips) > _FEW * len(pairs):
        record, row = (by_letter or slips)[0]
        raise DataError(
            f"{record.place}: the options of {key.id[row]!r} are in another order there than in "
            f"{key.benchmark}, as in {len(by_letter or slips):,} of {len(pairs):,} records, so its letters "
            "mean other options; give the predictions as the options' texts, or the scores alone"
        )
    differ = [
        (record, row)
        for record, row in pairs
        if not _other_options(record, row, key) and not _same_target(record, row, key)
    ]
    if len(differ) > _FEW * len(pairs):
        record, row = differ[0]
        right = key.right[row]
        shown = option_letter(right) if isinstance(right, int) else right
        raise DataError(
            f"{record.place}: its right answer to {key.id[row]!r} is {record.target!r} and that of "
            f"{key.benchmark} is {shown!r}, as in {len(differ):,} of {len(pairs):,} records: the model was "
            "run on other data, or on options in another order"
        )


def below_luck(scores: Mapping[int, float], key: AnswerKey) -> tuple[str, ...]:
    """Say where choices, their scores by row, are right far less often than luck gives.

    Letters of another order of options look like that where a file does not have the options.
    """
    luck = {row: 1.0 / len(options) for row in scores if (options := key.options[row])}
    right, expected = (sum(values) for values in ([scores[row] for row in luck], luck.values()))
    deviation = math.sqrt(sum(share * (1.0 - share) for share in luck.values()))
    if right >= expected - _DEVIATIONS * deviation:
        return ()
    return (
        f"right in {100 * right / len(luck):.1f}% of {len(luck):,} choices, where luck gives "
        f"{100 * expected / len(luck):.1f}%: its letters may be of another order of options",
    )


def _by_letter(record: Fields) -> bool:
    """Whether an answer is a place among the options of its record, rather than the text of one."""
    if record.answer is None:
        return record.choice is not None
    return plain(record.answer) not in map(plain, record.options or ())


def _same_target(record: Fields, row: int, key: AnswerKey) -> bool:
    """Whether the right answer that a record states can be that of the question; one in words can."""
    target, right = record.target, key.right[row]
    if target is None or right is None:
        return True
    text = str(target).strip("(). \n")
    if key.format[row] == "mc":
        if len(text) == 1 and text.upper() in LETTERS:
            return LETTERS.index(text.upper()) == right
        if isinstance(target, int):
            return target == right
        options = [plain(option) for option in key.options[row] or ()]
        return plain(text) not in options or options.index(plain(text)) == right
    if key.format[row] == "num":
        try:
            return float(text) == right
        except ValueError:
            return True
    return True


def _options_in_prompt(record: Fields, row: int, key: AnswerKey) -> tuple[str, ...] | None:
    """The options in the order in which they were put to the model; None where the prompt does not tell."""
    text, options = key.text[row], key.options[row]
    if record.prompt is None or text is None or not options:
        return None
    prompt, question = words_of(record.prompt), words_of(text)
    ends = range(len(prompt), len(question) - 1, -1)
    last = next((end for end in ends if prompt[end - len(question) : end] == question), None)
    return None if last is None else order_of_options(prompt[last:], options)


def _other_options(record: Fields, row: int, key: AnswerKey) -> bool:
    """Whether a record has the options of its question in another order."""
    offered = key.options[row]
    if record.options is None or offered is None or record.options == offered:
        return False
    listed, own = list(map(plain, record.options)), list(map(plain, offered))
    return listed != own and sorted(listed) == sorted(own)
