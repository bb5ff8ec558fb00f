"""Lists and objects that are written as text: in JSON, in Python, or as NumPy and pandas print arrays."""

import ast
import json
import re
import warnings

_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_OF_TEXTS = re.compile(rf"\[\s*{_QUOTED}(?:\s+{_QUOTED})*\s*\]", re.DOTALL)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_OF_NUMBERS = re.compile(rf"\[\s*{_NUMBER}(?:\s+{_NUMBER})+\s*\]", re.IGNORECASE)
_OF_TRUTHS = re.compile(r"\[\s*(?:True|False)(?:\s+(?:True|False))+\s*\]")
_CALL = re.compile(r"\barray\(\s*(\[[^()]*?\])\s*(?:,\s*dtype=[\w.'<>]+)?\s*\)", re.DOTALL)
_PART = re.compile(rf"{_QUOTED}|[^\s\[\]]+")


def read_literal(text: str) -> object:
    """What a text says as a list, an object or another literal; the text itself where it is none."""
    if "array(" in text:
        text = _CALL.sub(r"\1", text)
    if text.lstrip().startswith("["):
        bare = text.strip()
        if any(printed.fullmatch(bare) for printed in (_OF_TEXTS, _OF_NUMBERS, _OF_TRUTHS)):
            # Without commas, which Python would take for one text in several parts.
            text = f"[{', '.join(_PART.findall(bare))}]"
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of LaTeX in a Python list, whose "\\c" is no escape
                return parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return text
