"""Templates that the questions of a type were made from, found in their texts.

A template is what many texts share word for word, with slots where they vary. Texts are split at the
word whose presence goes with that of most other words, until those that are left share their wording.
No answer enters, and neither the order of the texts nor how often each is asked.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tst_harness.data.diagnostic import IntArray

_TOKEN = re.compile(r"\w+(?:[-'\N{RIGHT SINGLE QUOTATION MARK}]\w+)*|[^\w\s]")
_MOST_TEXTS = 4_000
"""Texts that templates are looked for in; all texts are then matched."""
_MOST_TOKENS = 400
_LEAST_TEXTS = 10
_LEAST_DISTINCT = 3
_LEAST_WORDS = 2
_ROUNDS = 5
_SHARED = 0.9
"""The share of texts that have a constant."""
_TOGETHER = 0.9
"""The correlation from which on two words come together, or one in place of the other."""
_COMPANIONS = 3
"""Words that must go with a word for it to tell one template from another, rather than be a value."""
_SAME = 0.95
"""The share of texts in which a slot that repeats another has its value."""

Token = tuple[str, int]
"""A word or sign, and how many of the same come before it in its text."""


@dataclass(frozen=True, eq=False)
class Template:
    """What many texts share, with slots where they vary.

    Attributes
    ----------
    pattern
        A regular expression with the named slots `slot1`, `slot2`, ... in the order of the text; valid
        as the pattern of a question type.
    rows
        Which texts it matches and no longer template does, ascending.
    """

    pattern: str
    rows: IntArray


@dataclass(frozen=True, eq=False)
class _Text:
    """A distinct text, how many questions have it, and where its words are."""

    text: str
    times: int
    spans: dict[Token, tuple[int, int]]

    @classmethod
    def of(cls, text: str, times: int) -> "_Text":
        seen: Counter[str] = Counter()
        spans: dict[Token, tuple[int, int]] = {}
        for match in _TOKEN.finditer(text):
            spans[match[0], seen[match[0]]] = match.span()
            seen[match[0]] += 1
        return cls(text, times, spans)


def find_templates(texts: Sequence[str]) -> list[Template]:
    """The templates of the texts of a question type, the most frequent first.

    Parameters
    ----------
    texts
        One text a question, in any order; also of held-out questions, since no answer is looked at.

    Returns
    -------
    None where no wording recurs around values that recur too.
    """
    distinct = Counter(texts)
    rest = [_Text.of(text, distinct[text]) for text in sorted(distinct, key=_digest)[:_MOST_TEXTS]]
    patterns: dict[str, re.Pattern[str]] = {}
    for _ in range(_ROUNDS):
        found = [pattern for part in _alike(rest) if (pattern := _pattern(part)) is not None]
        patterns |= {pattern: re.compile(pattern) for pattern in found}
        unmatched = [one for one in rest if not any(patterns[p].search(one.text) for p in found)]
        if len(unmatched) == len(rest):
            break
        rest = unmatched
    longest = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    fitting = {
        text: next((i for i, pattern in enumerate(longest) if patterns[pattern].search(text)), -1)
        for text in distinct
    }
    chosen = np.fromiter((fitting[text] for text in texts), dtype=np.int64, count=len(texts))
    templates = [Template(pattern, np.flatnonzero(chosen == i)) for i, pattern in enumerate(longest)]
    templates = [one for one in templates if len(one.rows) >= _LEAST_TEXTS]
    return sorted(templates, key=lambda one: (-len(one.rows), one.pattern))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _alike(texts: list[_Text]) -> list[list[_Text]]:
    """Split texts until no word tells templates apart."""
    if len(texts) < 2 * _LEAST_TEXTS:
        return [texts]
    counts = Counter(token for one in texts for token in one.spans)
    least = max(_LEAST_TEXTS, len(texts) // 50)
    varying = [(min(n, len(texts) - n), token) for token, n in counts.items()]
    varying = sorted((one for one in varying if one[0] >= least), key=lambda one: (-one[0], one[1]))
    tokens = [token for _, token in varying[:_MOST_TOKENS]]
    if len(tokens) <= _COMPANIONS:
        return [texts]
    present = np.array([[token in one.spans for token in tokens] for one in texts], dtype=np.float64)
    present = (present - present.mean(axis=0)) / present.std(axis=0)
    companions = (np.abs(present.T @ present) / len(texts) >= _TOGETHER).sum(axis=0) - 1
    best = int(companions.argmax())
    if companions[best] < _COMPANIONS:
        return [texts]
    having = [one for one in texts if tokens[best] in one.spans]
    lacking = [one for one in texts if tokens[best] not in one.spans]
    return _alike(having) + _alike(lacking)


def _pattern(texts: list[_Text]) -> str | None:
    """The pattern of texts that share their wording; None where too little recurs."""
    if sum(one.times for one in texts) < _LEAST_TEXTS:
        return None
    counts = Counter(token for one in texts for token in one.spans)
    constants = [token for token, n in counts.items() if n >= _SHARED * len(texts)]
    place = {
        token: float(np.mean([one.spans[token][0] / len(one.text) for one in texts if token in one.spans]))
        for token in constants
    }
    constants.sort(key=lambda token: (place[token], token))
    fitting = [one for one in texts if _in_order(one, constants)]
    if len(fitting) < _LEAST_DISTINCT or sum(token[0].isalnum() for token in constants) < _LEAST_WORDS:
        return None
    gaps = _gaps(fitting, constants)
    listed = [
        i
        for i, token in enumerate(constants)
        if token[0] == "," and _varies(gaps[i]) and _varies(gaps[i + 1])
    ]
    constants = [token for i, token in enumerate(constants) if i not in listed]
    gaps = _gaps(fitting, constants)
    slots = [gap for gap in gaps if _varies(gap)]
    if not any(_recurs(gap, fitting) for gap in slots):
        return None
    return _written(constants, gaps)


def _in_order(one: _Text, constants: list[Token]) -> bool:
    starts = [one.spans[token][0] for token in constants if token in one.spans]
    return len(starts) == len(constants) and starts == sorted(starts)


def _gaps(texts: list[_Text], constants: list[Token]) -> list[list[str]]:
    """What stands before the first constant, between them and after the last one, text by text."""
    gaps: list[list[str]] = [[] for _ in range(len(constants) + 1)]
    for one in texts:
        end = 0
        for i, token in enumerate(constants):
            start, following = one.spans[token]
            gaps[i].append(one.text[end:start])
            end = following
        gaps[-1].append(one.text[end:])
    return gaps


def _varies(gap: list[str]) -> bool:
    return sum(not value.isspace() and value != "" for value in gap) > len(gap) / 2


def _recurs(gap: list[str], texts: list[_Text]) -> bool:
    """Whether most values, or items of their lists, are those of other questions too."""
    times: Counter[str] = Counter()
    for value, one in zip(gap, texts, strict=True):
        for item in filter(None, map(str.strip, value.split(","))):
            times[item] += one.times
    return sum(n for n in times.values() if n > 1) > sum(times.values()) / 2


def _written(constants: list[Token], gaps: list[list[str]]) -> str:
    parts: list[str] = []
    named: list[list[str]] = []
    last = len(constants)
    for i, gap in enumerate(gaps):
        values = [value.strip() for value in gap]
        if not _varies(gap):
            if 0 < i < last:
                parts.append(_space(gap))
        else:
            repeats = any(
                sum(a == b for a, b in zip(values, known, strict=True)) >= _SAME * len(values)
                for known in named
            )
            if not repeats:
                named.append(values)
            slot = ".+?" if repeats else f"(?P<slot{len(named)}>.+?)"
            before = _space([value[: len(value) - len(value.lstrip())] for value in gap]) if i else "^"
            after = _space([value[len(value.rstrip()) :] for value in gap]) if i < last else r"\s*$"
            parts += [before, slot, after]
        if i < last:
            parts.append(re.escape(constants[i][0]).replace("\\-", "-"))
    return "".join(parts)


def _space(gap: list[str]) -> str:
    """The space between two constants as a regular expression."""
    [(common, times)] = Counter(gap).most_common(1)
    return common if times == len(gap) and common in ("", " ") else r"\s*"
