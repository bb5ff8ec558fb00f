"""Whether questions of two answers come in pairs, or groups, that have as many of one as of the other."""

from typing import Any

from tst_harness.analysis.independent import independent
from tst_harness.analysis.protocol import Experiment


def findings(experiment: Experiment) -> dict[str, Any]:
    """Look for pairs or groups of opposite answers."""
    opposite = independent(experiment.dataset).opposite
    if opposite is None:
        return {"summary": "none", "opposite_answers": None}
    return {
        "summary": f"{opposite.balanced:,} of {opposite.units:,} pairs or groups",
        "opposite_answers": opposite.model_dump(),
    }
