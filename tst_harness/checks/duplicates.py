"""Which questions are duplicates of others, and whether these leak answers."""

from collections import Counter
from typing import Any

import numpy as np

from tst_harness.analysis.comparable import comparable_answers
from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.independent import independent
from tst_harness.analysis.near_duplicates import SIMILARITY, Clusters, find_clusters, normalised
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.analysis.units import Split
from tst_harness.benchmark.model import Model
from tst_harness.checks.agreement import copied_from_duplicates
from tst_harness.checks.copying import CopyTest, copy_test, corrected
from tst_harness.checks.kept_together import KeptTogether
from tst_harness.checks.kept_together_scores import keep_together
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.permutation import Copying

_MOST_CLUSTERS = 50
_MOST_IDS = 20
_MOST_CHARACTERS = 200


class TypeDuplicates(Model):
    """The duplicates of one question type.

    Of `n` questions, `questions` are in clusters, and `exact` have the text and options of another.
    `copying` answers each as a duplicate in another group is answered; null where there is none.
    """

    n: Count
    questions: Count
    exact: Count
    clusters: Count
    copying: CopyTest | None


class DuplicateCluster(Model):
    """Questions that are the same, or nearly so.

    `ids` are the first 20. `similarity` is the least of two questions that link the cluster, and
    `same_answer` the share of the questions that have its most frequent answer. `text` is null where texts
    are left out.
    """

    size: Count
    groups: Count
    types: list[str]
    similarity: Fraction
    same_answer: Fraction
    text: str | None
    ids: list[str]


class DuplicatesReport(Model):
    """Questions whose text and options are the same as those of others, or nearly so.

    `questions` are in `clusters`, of which `across_groups` have questions of several groups (null where no
    group has several questions) and `across_folds` of several folds; `exact` questions have the same text
    and options as another. `largest` lists at most 50 clusters. Where `kept_together` is null, `not_kept`
    says why.
    """

    least_similarity: Fraction
    questions: Count
    exact: Count
    clusters: Count
    across_groups: Count | None
    across_folds: Count
    copying: CopyTest | None
    types: dict[str, TypeDuplicates]
    largest: list[DuplicateCluster]
    kept_together: KeptTogether | None = None
    not_kept: str | None = None


def findings(experiment: Experiment, split: Split) -> dict[str, Any]:
    """Find duplicates, and score the forest again with duplicates kept together where it can be.

    Parameters
    ----------
    experiment
        The benchmark.
    split
        Of the folds, which are those of the first repeat.

    Returns
    -------
    Beside the part of the report, `again`: what the forest scored, a `HeldOut`, and `as_before`: the ids of
    the other questions that these folds hold out, of types with few duplicates.
    """
    dataset, settings = experiment.dataset, experiment.settings
    clusters = independent(dataset).clusters or find_clusters(dataset.frame)
    fold = np.empty(len(dataset.frame), dtype=np.int64)
    for part in experiment.folds(split)[: settings.folds]:
        fold[part.held_out] = part.fold
    duplicates = duplicates_report(dataset, clusters, fold, settings.seed)
    kept, again = keep_together(experiment, split, clusters)
    outcome = {"not_kept" if isinstance(kept, str) else "kept_together": kept}
    return {
        "summary": f"{duplicates.questions:,} questions are duplicates",
        "duplicates": duplicates.model_copy(update=outcome).model_dump(),
        "again": None if again is None else again.held_out.model_dump(),
        "as_before": [] if again is None else again.as_before,
    }


def duplicates_report(dataset: Dataset, clusters: Clusters, fold: IntArray, seed: int) -> DuplicatesReport:
    """Count duplicates and test whether they agree.

    Parameters
    ----------
    dataset
        n questions.
    clusters
        Its duplicates.
    fold
        Shape (n,), the fold that holds each question out.
    seed
        Of the permutations.
    """
    frame, of = dataset.frame, clusters.of
    types = frame["type"].to_numpy().astype(str)
    groups = np.unique(frame["group"].to_numpy().astype(str), return_inverse=True)[1]
    copying = copied_from_duplicates(dataset, clusters, seed)
    tests = corrected(copying)
    counted = {}
    for name in np.unique(types).tolist():
        own = of[types == name]
        counted[name] = TypeDuplicates(
            n=len(own),
            questions=int((own >= 0).sum()),
            exact=int(clusters.exact[types == name].sum()),
            clusters=len(np.unique(own[own >= 0])),
            copying=tests.get(name),
        )
    return DuplicatesReport(
        least_similarity=SIMILARITY,
        questions=int((of >= 0).sum()),
        exact=int(clusters.exact.sum()),
        clusters=len(clusters.similarity),
        across_groups=_spanning(of, groups) if len(np.unique(groups)) < len(groups) else None,
        across_folds=_spanning(of, fold),
        copying=copy_test(Copying.pooled(list(copying.values()))) if copying else None,
        types=counted,
        largest=_largest(dataset, clusters),
    )


def _spanning(of: IntArray, part: IntArray) -> int:
    """Count the clusters with questions in several parts."""
    pairs = np.unique(np.stack([of[of >= 0], part[of >= 0]]), axis=1)
    return int((np.bincount(pairs[0]) > 1).sum())


def _largest(dataset: Dataset, clusters: Clusters) -> list[DuplicateCluster]:
    sizes = np.bincount(clusters.of[clusters.of >= 0])
    comparable = comparable_answers(dataset)
    largest = []
    for number in np.argsort(-sizes, kind="stable")[:_MOST_CLUSTERS].tolist():
        rows = dataset.frame[clusters.of == number]
        answers = Counter(
            normalised(options[int(answer)]) if format_ == "mc" else answer
            for format_, options, answer in zip(
                rows["format"], rows["options"], comparable[clusters.of == number], strict=True
            )
        )
        largest.append(
            DuplicateCluster(
                size=len(rows),
                groups=int(rows["group"].nunique()),
                types=sorted(set(rows["type"])),
                similarity=float(clusters.similarity[number]),
                same_answer=max(answers.values()) / len(rows),
                text=rows["text"].iloc[0][:_MOST_CHARACTERS],
                ids=rows["id"].iloc[:_MOST_IDS].tolist(),
            )
        )
    return largest
