"""Which engines are installed, found out without importing them."""

from importlib.util import find_spec

from tst_harness.errors import EngineUnavailable

_OWN_EXTRA = {"vllm": "vLLM", "ray": "Ray", "llamafactory": "LLaMA-Factory"}
"""Names of the engines that have an extra of their own, that of their module; the others come with `llm`."""


def is_installed(module: str) -> bool:
    """Whether a module can be imported from here."""
    return find_spec(module) is not None


def require(*modules: str) -> None:
    """Check that modules are installed.

    Raises
    ------
    EngineUnavailable
        One is not; the message names the extra.
    """
    for module in modules:
        if not is_installed(module):
            raise EngineUnavailable(not_installed(module))


def not_installed(module: str, where: str = "") -> str:
    """Return the sentence about a module that is not installed, which names the extra that brings it."""
    extra = module if module in _OWN_EXTRA else "llm"
    name = _OWN_EXTRA.get(module, module)
    return f"{name} is not installed{where}; install it with: pip install 'tst-harness[{extra}]'"
