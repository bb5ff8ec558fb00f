"""The bags of words as an analysis."""

from typing import TYPE_CHECKING

from tst_harness.analysis.folded import SCORING, DiagnosticAnalysis
from tst_harness.analysis.protocol import Experiment

if TYPE_CHECKING:
    from tst_harness.diagnostics.words.diagnostic import WordsDiagnostic


class WordsAnalysis(DiagnosticAnalysis):
    """Another learner on other features, to judge what the forest selected."""

    name = "words"
    code = (*SCORING, "tst_harness.diagnostics.words")

    def diagnostic(self, experiment: Experiment) -> "WordsDiagnostic":
        """Make it."""
        from tst_harness.diagnostics.words.diagnostic import WordsDiagnostic

        return WordsDiagnostic()


WORDS = WordsAnalysis()
