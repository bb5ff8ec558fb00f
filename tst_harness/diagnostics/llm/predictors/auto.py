"""The predictor that fits the machine."""

import logging
from collections.abc import Collection
from typing import Literal, NamedTuple

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.predictors.base import LLMPredictor
from tst_harness.diagnostics.llm.utils.installed import is_installed, not_installed
from tst_harness.diagnostics.llm.utils.models import find_model
from tst_harness.processes.devices import cuda_devices

_LOG = logging.getLogger("tst_harness")


class Choice(NamedTuple):
    """An engine, and why it."""

    engine: Literal["transformers", "vllm", "ray"]
    reason: str


def choose_engine(gpus: int, installed: Collection[str], prefer_multi_gpu: bool = True) -> Choice:
    """Choose Ray over vLLM for several GPUs, vLLM for one, and transformers for none.

    Parameters
    ----------
    gpus
        Number of CUDA devices that this process may use.
    installed
        Those of "vllm" and "ray" that are; an engine that is not is passed over.
    prefer_multi_gpu
        Whether to use more than one of several.

    Returns
    -------
    The engine and the reason, which says what was passed over.
    """
    if gpus == 0:
        return Choice("transformers", "there is no CUDA device")
    found = "there is one CUDA device" if gpus == 1 else f"there are {gpus} CUDA devices"
    if gpus > 1 and not prefer_multi_gpu:
        found += ", of which one is asked for"
    if "vllm" not in installed:
        return Choice("transformers", f"{found}, and {not_installed('vllm')}")
    if gpus == 1 or not prefer_multi_gpu:
        return Choice("vllm", found)
    if "ray" not in installed:
        return Choice("vllm", f"{found}, of which one is used, since {not_installed('ray')}")
    return Choice("ray", found)


def create_auto_predictor(
    model_name: str | None = None, prefer_multi_gpu: bool = True, encoder: PromptEncoder | None = None
) -> LLMPredictor:
    """Return the predictor that fits this machine; nothing is loaded yet.

    What was chosen and why is logged, and stands in `chosen_because`.

    Parameters
    ----------
    model_name
        As for `find_model`.
    prefer_multi_gpu
        Whether to use more than one of several GPUs.
    encoder
        The model and its tokens, in place of `model_name`.
    """
    installed = [name for name in ("vllm", "ray") if is_installed(name)]
    choice = choose_engine(cuda_devices(), installed, prefer_multi_gpu)
    predictor = _create(choice.engine, PromptEncoder(find_model(model_name)) if encoder is None else encoder)
    predictor.chosen_because = choice.reason
    _LOG.info("predicting with %s: %s", choice.engine, choice.reason)
    return predictor


def _create(engine: Literal["transformers", "vllm", "ray"], encoder: PromptEncoder) -> LLMPredictor:
    if engine == "ray":
        from tst_harness.diagnostics.llm.predictors.ray_vllm import create_ray_vllm_predictor

        return create_ray_vllm_predictor(encoder=encoder)
    if engine == "vllm":
        from tst_harness.diagnostics.llm.predictors.vllm import create_vllm_predictor

        return create_vllm_predictor(encoder=encoder)
    from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor

    return TransformersPredictor(encoder)
