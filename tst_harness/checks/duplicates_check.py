"""The check of duplicates."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.figures import counted, interval, percent, signed
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Unit
from tst_harness.checks.check import SIGNIFICANCE, WholeSetCheck
from tst_harness.checks.wording import copied
from tst_harness.diagnostics.forest.analysis import FOREST

if TYPE_CHECKING:
    from tst_harness.analysis.records import CheckRecord
    from tst_harness.checks.copying import CopyTest
    from tst_harness.checks.duplicates import DuplicatesReport
    from tst_harness.stats.samples import Samples


class DuplicatesCheck(WholeSetCheck):
    """Which questions are duplicates, whether these leak answers, and the score without such leaks.

    Where the forest is among the diagnostics it is scored again with duplicates kept together.
    """

    name = "duplicates"
    code = (
        *FOREST.code,
        *(
            f"tst_harness.checks.{module}"
            for module in ("agreement", "copying", "duplicates", "kept_together", "kept_together_scores")
        ),
        "tst_harness.stats.permutation",
        "tst_harness.stats.resampling",
    )
    quotes = True

    def inputs(self, experiment: Experiment) -> Inputs:
        """The libraries, and the forest's settings where it is scored again."""
        forest = FOREST.inputs(experiment)
        again = FOREST.name in experiment.settings.diagnostics
        versions = {name: version(name) for name in ("datasketch", "scikit-learn")}
        settings = {"kept_together": forest.settings if again else None}
        return Inputs(settings, {**forest.versions, **versions})

    def findings(self, experiment: Experiment, unit: Unit) -> dict[str, Any]:
        """Find duplicates, test whether they agree, and score the forest again."""
        from tst_harness.checks.duplicates import findings

        return findings(experiment, unit.split)

    def without_texts(self, record: "CheckRecord") -> "CheckRecord":
        """Return a record without the texts of clusters."""
        part = record.findings[self.name]
        largest = [{**cluster, "text": None} for cluster in part["largest"]]
        findings = {**record.findings, self.name: {**part, "largest": largest}}
        return record.model_copy(update={"findings": findings})

    def beside_scores(
        self, part: Any, record: "CheckRecord", samples: "Mapping[str, Samples]", seed: int
    ) -> Any:
        """Return the part with the score of duplicates kept together beside that of the forest."""
        from tst_harness.checks.comparison import compare

        again, forest = record.findings["again"], samples.get(FOREST.name)
        if part["kept_together"] is None or again is None or forest is None:
            return part
        known = dict(zip(forest.id.tolist(), forest.mean("score").tolist(), strict=True))
        scores = {id: known.get(id, float("nan")) for id in record.findings["as_before"]}
        scores |= zip(again["id"], again["score"], strict=True)
        comparison = compare(self.name, scores, forest, seed)
        return {**part, "kept_together": {**part["kept_together"], "comparison": comparison}}

    def sentences(self, section: Mapping[str, Any], verbose: bool = False) -> Iterator[str]:
        """Say how many there are, whether they leak answers, and the score with duplicates kept together."""
        duplicates: DuplicatesReport = section[self.name]
        types = duplicates.types
        total = sum(counts.n for counts in types.values())
        if not duplicates.clusters:
            yield f"duplicates: none among {total:,} questions, not even near-duplicates"
            return
        spread = [f"{duplicates.across_folds:,} across folds"]
        if duplicates.across_groups is not None:
            spread.insert(0, f"{duplicates.across_groups:,} across groups")
        yield (
            f"duplicates: {duplicates.questions:,} of {total:,} questions are duplicates or near-duplicates, "
            f"in {counted(duplicates.clusters, 'cluster')} ({', '.join(spread)})"
        )
        if duplicates.copying is not None:
            leak = "leak answers" if duplicates.copying.p_value < SIGNIFICANCE else "leak no answers"
            scored = f"copying a duplicate's answer {copied(duplicates.copying)}"
            yield f"- duplicates {leak}: {scored}{_disagreement(duplicates.copying)}"
        tested = {name: counts.copying for name, counts in types.items() if counts.copying is not None}
        for name, copying in sorted(tested.items(), key=lambda item: -_told(item[1])):
            if verbose or copying.p_value < SIGNIFICANCE:
                yield f"- {name}: {copied(copying)}"
        yield f"- {_kept_together(duplicates)}"
        for cluster in duplicates.largest if verbose else ():
            yield (
                f"- {cluster.size} copies, {percent(cluster.same_answer)}% with the same answer, first id "
                f"{cluster.ids[0]}{'' if cluster.text is None else f': {cluster.text}'}"
            )


def _kept_together(duplicates: "DuplicatesReport") -> str:
    kept = duplicates.kept_together
    if kept is None:
        return f"no score with duplicates in the same fold: {duplicates.not_kept}"
    apart = kept.clusters_apart
    split = (
        f"; {apart:,} of {counted(duplicates.clusters, 'cluster')}, with "
        f"{counted(kept.questions_apart, 'question')}, {'is' if apart == 1 else 'are'} too large for one "
        "fold and still split"
        if apart
        else ""
    )
    of = len(duplicates.types)
    few = (
        f"; of {counted(of, 'type')} the scores of {of - len(kept.types)} with few duplicates are those above"
        if len(kept.types) < of
        else ""
    )
    if kept.comparison is None:
        return f"no score with duplicates in the same fold: the forest is incomplete{split}"
    overall = kept.comparison.overall
    return (
        f"with duplicates in the same fold, the score is {percent(overall.score)}% "
        f"{interval(overall.interval)}, a change of {signed(overall.difference)} points "
        f"{interval(overall.difference_interval)}{few}{split}"
    )


def _disagreement(copying: "CopyTest") -> str:
    if copying.p_value >= SIGNIFICANCE or copying.score > copying.chance:
        return ""
    return ": answers of duplicates rarely agree, as in pairs of opposite answers"


def _told(copying: "CopyTest") -> float:
    return copying.n * abs(copying.score - copying.chance)


DUPLICATES = DuplicatesCheck()
