"""What a language model can be expected to find, said before hours are spent on it."""

from tst_harness.diagnostics.llm.utils.models import SMALL_MODEL, SmallModel, find_model

FINDS_LITTLE = (
    f"{SMALL_MODEL} is too small to find much in few questions: on 200 made-up ones whose text gives answers "
    "away it scores +1.3 points [-5.3, 8.8] over guessing, and the forest +5.0 to +13.5; run the forest "
    "beside it (--tst-diagnostic forest,llm), or a larger model (--tst-model)"
)


def expectation(model_name: str | None) -> str | None:
    """Return a sentence on a model that will miss what there is; None of others.

    Parameters
    ----------
    model_name
        As for `find_model`; the name of the default model of this machine where it is None.
    """
    return FINDS_LITTLE if isinstance(find_model(model_name), SmallModel) else None
