"""What is had on a question without a model."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.metrics import best_constant, relative_accuracy
from tst_harness.analysis.option_sets import Sizes
from tst_harness.analysis.texts import best_texts, normalise_answer, text_scores
from tst_harness.benchmark.declarations import Benchmark, Number, Open
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set


def blind_baseline(dataset: Dataset, train: IntArray, rows: IntArray) -> FloatArray:
    """(n,) what is had without a model on some rows of a dataset.

    1 / options (mc); what the best constant answer of the training rows scores (num, open); what a random
    set of options scores, of the number that is right most often in the training rows for the sets there
    are of it (multi). Constants and numbers are of the rows of the type, or where none is trained on, of
    all of its format; without any it is 0.
    """
    frame = dataset.frame
    answers = frame["answer"].to_numpy(dtype=np.float64)
    options = frame["options"].to_numpy()
    scores = np.array([1.0 / len(offered) if offered else 0.0 for offered in options[rows]])
    types = frame["type"].to_numpy()
    for declared in dataset.benchmark.scored_types:
        of_type = np.flatnonzero(types[rows] == declared.name)
        if not len(of_type) or declared.format == "mc":
            continue
        learnt = learnt_rows(dataset, train, declared.name, declared.format)
        at = rows[of_type]
        if isinstance(declared, Number):
            if len(learnt):
                constant = best_constant(answers[learnt], declared.inclusive)
                scores[of_type] = relative_accuracy(constant, answers[at], declared.inclusive)
        elif isinstance(declared, Open):
            if len(learnt):
                [constant_text] = best_texts(declared.metric, accepted_of(dataset, learnt), 1)
                golds = accepted_of(dataset, at)
                scores[of_type] = text_scores(declared.metric, [constant_text] * len(golds), golds)
        else:
            sizes = sizes_of(dataset, learnt)
            scores[of_type] = [
                sizes.blind_baseline(len(options[row]), len(option_set(answer)))
                for row, answer in zip(at, answers[at], strict=True)
            ]
    return scores


def most_frequent_scores(dataset: Dataset, train: IntArray, rows: IntArray) -> FloatArray:
    """(n,) what the most frequent answer of the training rows of its type scores on each mc row.

    It is the offered option whose text is most often the answer there; ties share the credit. Of rows of
    other formats it is 0.
    """
    frame = dataset.frame
    answers, types = frame["answer"].to_numpy(dtype=np.float64), frame["type"].to_numpy()
    options = frame["options"].to_numpy()
    scores = np.zeros(len(rows))
    for declared in dataset.benchmark.scored_types:
        of_type = np.flatnonzero(types[rows] == declared.name)
        if declared.format == "mc" and len(of_type):
            at, learnt = rows[of_type], train[types[train] == declared.name]
            times = Counter(
                _plain(offered[int(gold)])
                for offered, gold in zip(options[learnt], answers[learnt], strict=True)
            )
            credit: dict[tuple[Sequence[str], int], float] = {}
            for place, offered, gold in zip(of_type, options[at], answers[at].astype(np.int64), strict=True):
                key = (offered, int(gold))
                if key not in credit:
                    credit[key] = _credit(times, *key)
                scores[place] = credit[key]
    return scores


def _credit(times: Counter[str], options: Sequence[str], gold: int) -> float:
    own = [times[_plain(option)] for option in options]
    most = max(own)
    return 1.0 / own.count(most) if own[gold] == most else 0.0


def _plain(option: str) -> str:
    return " ".join(option.casefold().split())


def learnt_rows(dataset: Dataset, train: IntArray, name: str, format_: str) -> IntArray:
    """The training rows of a type, or where there are none, those of its format."""
    of_type, of_format = (
        train[dataset.frame[column].to_numpy()[train] == value]
        for column, value in (("type", name), ("format", format_))
    )
    rows: IntArray = of_type if len(of_type) else of_format
    return rows


def accepted_of(dataset: Dataset, rows: IntArray) -> list[tuple[str, ...]]:
    """The accepted texts of open questions."""
    codes = dataset.frame["answer"].to_numpy(dtype=np.float64)[rows].astype(np.int64)
    return [dataset.accepted[code] for code in codes.tolist()]


def accepted_by_answer(dataset: Dataset, rows: IntArray) -> dict[int, tuple[str, ...]]:
    """The accepted texts of the open questions among some rows, by their answer."""
    frame = dataset.frame
    opens = rows[frame["format"].to_numpy()[rows] == "open"]
    codes = np.unique(frame["answer"].to_numpy(dtype=np.float64)[opens].astype(np.int64))
    return {code: dataset.accepted[code] for code in codes.tolist()}


def sizes_of(dataset: Dataset, rows: IntArray) -> Sizes:
    """How many options are right in some multi questions."""
    frame = dataset.frame
    right = [len(option_set(answer)) for answer in frame["answer"].to_numpy()[rows]]
    offered = [len(options) for options in frame["options"].to_numpy()[rows]]
    return Sizes(np.array(right, dtype=np.float64), np.array(offered, dtype=np.float64))


def seen_answers(dataset: Dataset, train: IntArray, rows: IntArray) -> dict[str, int]:
    """For each open type, how many of some rows have an accepted text that a training row of the type has."""
    types = dataset.frame["type"].to_numpy()
    seen: dict[str, int] = {}
    for declared in dataset.benchmark.scored_types:
        at = rows[types[rows] == declared.name]
        if isinstance(declared, Open) and len(at):
            known = _normalised(dataset, train[types[train] == declared.name])
            seen[declared.name] = sum(
                any(normalise_answer(text) in known for text in texts) for texts in accepted_of(dataset, at)
            )
    return seen


def _normalised(dataset: Dataset, rows: IntArray) -> set[str]:
    return {normalise_answer(text) for texts in accepted_of(dataset, rows) for text in texts}


def inclusive_rules(benchmark: Benchmark) -> dict[str, bool]:
    """For each num type, whether an error equal to a threshold counts as within it."""
    return {
        declared.name: declared.inclusive
        for declared in benchmark.scored_types
        if isinstance(declared, Number)
    }
