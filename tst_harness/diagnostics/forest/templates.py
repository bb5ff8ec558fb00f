"""Templates that the questions of a type were made from, found in their texts.

A template is what many texts share word for word, with slots where they vary. Texts are split at the
word whose presence goes with that of most other words, until those that are left share their wording.
No answer enters, and neither the order of the texts nor how often each is asked.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice

import numpy as np

from tst_harness.analysis.diagnostic import IntArray

_TOKEN = re.compile(r"\w+(?:[-'\N{RIGHT SINGLE QUOTATION MARK}]\w+)*|[^\w\s]")
_SLOT = re.compile(r"\(\?P<\w+>\.\+\?\)|\.\+\?")
_MOST_TEXTS = 4_000
"""Texts that templates are looked for in; all texts are then matched."""
_MOST_TOKENS = 400
_MOST_ALIGNED = 400
_MOST_WORDS = 250
"""Of one text; what follows them is a slot."""
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
        Which texts it matches and no template that shares more does, ascending.
    slots
        Each slot's name in `pattern`, and the words around it, for a reader.
    """

    pattern: str
    rows: IntArray
    slots: dict[str, str]

    @property
    def wording(self) -> str:
        """The template as a reader would write it: `How many ... are in the image?`."""
        plain = _SLOT.sub("...", self.pattern.removeprefix("^").removesuffix(r"\s*$"))
        return re.sub(r"\\(.)", r"\1", plain.replace(r"\s*", " "))

    @property
    def shared(self) -> int:
        """How many characters of the pattern are no slot's: of two that match, the larger tells more."""
        return len(_SLOT.sub("", self.pattern))

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.search` of the pattern, but without its backtracking where a text does not match."""
        end = 0
        for constant in self._constants:
            match = constant.search(text, end)
            if match is None:
                return None
            end = match.end() + 1
        return re.search(self.pattern, text)

    @cached_property
    def _constants(self) -> list[re.Pattern[str]]:
        return [re.compile(part) for part in _SLOT.split(self.pattern.removeprefix("^"))]


@dataclass(frozen=True, eq=False)
class _Text:
    """A distinct text, how many questions have it, its words and where they are."""

    text: str
    times: int
    tokens: list[Token]
    spans: list[tuple[int, int]]

    @classmethod
    def of(cls, text: str, times: int) -> "_Text":
        seen: Counter[str] = Counter()
        tokens: list[Token] = []
        spans: list[tuple[int, int]] = []
        for match in islice(_TOKEN.finditer(text), _MOST_WORDS):
            tokens.append((match[0], seen[match[0]]))
            spans.append(match.span())
            seen[match[0]] += 1
        return cls(text, times, tokens, spans)


def find_templates(texts: Sequence[str]) -> list[Template]:
    """The templates of the texts of a question type, the most frequent first.

    Parameters
    ----------
    texts
        One text a question, in any order; also of held-out questions, since no answer is looked at.

    Returns
    -------
    An empty list where no wording recurs around values that recur too.
    """
    distinct = Counter(texts)
    rest = [_Text.of(text, distinct[text]) for text in sorted(distinct, key=_digest)[:_MOST_TEXTS]]
    templates_found: dict[str, Template] = {}
    for _ in range(_ROUNDS):
        new = {each.pattern: each for part in _alike(rest) if (each := _template(part)) is not None}
        templates_found |= new
        unmatched = [
            each for each in rest if not any(template.search(each.text) for template in new.values())
        ]
        if len(unmatched) == len(rest):
            break
        rest = unmatched
    fullest = sorted(templates_found.values(), key=lambda each: (-each.shared, each.pattern))
    fitting = {
        text: next((i for i, template in enumerate(fullest) if template.search(text)), -1)
        for text in distinct
    }
    chosen = np.fromiter((fitting[text] for text in texts), dtype=np.int64, count=len(texts))
    templates = [replace(each, rows=np.flatnonzero(chosen == i)) for i, each in enumerate(fullest)]
    templates = [each for each in templates if len(each.rows) >= _LEAST_TEXTS]
    return sorted(templates, key=lambda each: (-len(each.rows), each.pattern))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _alike(texts: list[_Text]) -> list[list[_Text]]:
    """Split texts until no word tells templates apart."""
    counts: Counter[Token] = Counter()
    questions: Counter[Token] = Counter()
    for text in texts:
        counts.update(text.tokens)
        questions.update(dict.fromkeys(text.tokens, text.times))
    total = sum(text.times for text in texts)
    least = max(_LEAST_TEXTS, total // 50)
    varying = [
        (min(n, total - n), token)
        for token, n in questions.items()
        if least <= n <= total - least and _LEAST_DISTINCT <= counts[token] <= len(texts) - _LEAST_DISTINCT
    ]
    varying.sort(key=lambda text: (-text[0], text[1]))
    number = {token: i for i, (_, token) in enumerate(varying[:_MOST_TOKENS])}
    if len(number) <= _COMPANIONS:
        return [texts]
    present = np.zeros((len(texts), len(number)))
    for row, text in zip(present, texts, strict=True):
        row[[number[token] for token in text.tokens if token in number]] = 1.0
    scaled = (present - present.mean(axis=0)) / present.std(axis=0)
    companions = (np.abs(scaled.T @ scaled) / len(texts) >= _TOGETHER).sum(axis=0) - 1
    best = int(companions.argmax())
    if companions[best] < _COMPANIONS:
        return [texts]
    having = [text for text, has in zip(texts, present[:, best], strict=True) if has]
    lacking = [text for text, has in zip(texts, present[:, best], strict=True) if not has]
    return _alike(having) + _alike(lacking)


def _template(texts: list[_Text]) -> Template | None:
    """The template of texts that share their wording; None where too little recurs."""
    if sum(member.times for member in texts) < _LEAST_TEXTS:
        return None
    constants, fitting = _aligned(texts[:_MOST_ALIGNED])
    if len(fitting) < _LEAST_DISTINCT or sum(word.isalnum() for word in constants) < _LEAST_WORDS:
        return None
    gaps = _gaps(fitting)
    listed = [
        i for i, word in enumerate(constants) if word == "," and _varies(gaps[i]) and _varies(gaps[i + 1])
    ]
    for i in reversed(listed):
        del constants[i]
        gaps[i : i + 2] = [[f"{a},{b}" for a, b in zip(gaps[i], gaps[i + 1], strict=True)]]
    times = [text.times for text, _ in fitting]
    if not any(_recurs(gap, times) for gap in gaps if _varies(gap)):
        return None
    pattern, slots = _written(constants, gaps)
    return Template(pattern, np.empty(0, dtype=np.int64), slots)


def _aligned(texts: list[_Text]) -> tuple[list[str], list[tuple[_Text, IntArray]]]:
    """What nearly all texts share with one of them, in order, and where the texts that share all have it."""
    counts = Counter(token for text in texts for token in text.tokens)
    usual = max(
        texts, key=lambda text: sum(counts[token] for token in text.tokens) / max(len(text.tokens), 1)
    )
    own = [word for word, _ in usual.tokens]
    places = np.full((len(texts), len(own)), -1, dtype=np.int64)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(own)
    for row, text in zip(places, texts, strict=True):
        matcher.set_seq1([word for word, _ in text.tokens])
        for start, at, size in matcher.get_matching_blocks():
            row[at : at + size] = np.arange(start, start + size)
    shared = np.flatnonzero((places >= 0).mean(axis=0) >= _SHARED)
    places = places[:, shared]
    fitting = [(text, row) for text, row in zip(texts, places, strict=True) if (row >= 0).all()]
    return [own[i] for i in shared], fitting


def _gaps(texts: list[tuple[_Text, IntArray]]) -> list[list[str]]:
    """What stands before the first constant, between them and after the last one, text by text."""
    rows = []
    for text, places in texts:
        spans = [text.spans[place] for place in places]
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        rows.append(
            [text.text[end:start] for end, start in zip([0, *ends], [*starts, len(text.text)], strict=True)]
        )
    return [list(gap) for gap in zip(*rows, strict=True)]


def _varies(gap: list[str]) -> bool:
    return sum(not value.isspace() and value != "" for value in gap) > len(gap) / 2


def _recurs(gap: list[str], questions: list[int]) -> bool:
    """Whether most values, or items of their lists, are those of other questions too."""
    times: Counter[str] = Counter()
    for value, n in zip(gap, questions, strict=True):
        for item in filter(None, map(str.strip, value.split(","))):
            times[item] += n
    return sum(n for n in times.values() if n > 1) > sum(times.values()) / 2


def _written(constants: list[str], gaps: list[list[str]]) -> tuple[str, dict[str, str]]:
    """A pattern and its slots, each with the words around it."""
    parts: list[str] = []
    values: dict[str, list[str]] = {}
    around: dict[str, str] = {}
    last = len(constants)
    for i, gap in enumerate(gaps):
        stripped = [value.strip() for value in gap]
        if not _varies(gap):
            if 0 < i < last:
                parts.append(_space(gap))
        else:
            slot = ".+?"
            if not any(_same(stripped, known) for known in values.values()):
                name = f"slot{len(values) + 1}"
                slot, values[name] = f"(?P<{name}>.+?)", stripped
                around[name] = _around(constants, i, set(around.values()))
            before = _space([value[: len(value) - len(value.lstrip())] for value in gap]) if i else "^"
            after = _space([value[len(value.rstrip()) :] for value in gap]) if i < last else r"\s*$"
            parts += [before, slot, after]
        if i < last:
            # A hyphen needs no escape where no set of characters is open.
            parts.append(re.escape(constants[i]).replace("\\-", "-"))
    return "".join(parts), around


def _same(values: list[str], others: list[str]) -> bool:
    return sum(a == b for a, b in zip(values, others, strict=True)) >= _SAME * len(values)


def _around(constants: list[str], place: int, taken: set[str]) -> str:
    """The words before a slot, as many as tell it from the others, or those after it."""
    before = [word for word in constants[:place] if word[0].isalnum()]
    for n in range(3, len(before) + 1):
        if (words := " ".join([*before[-n:], "..."])) not in taken:
            return words
    after = [word for word in constants[place:] if word[0].isalnum()]
    return " ".join([*before[-3:], "...", *after[:3]])


def _space(gap: list[str]) -> str:
    """The space between two constants as a regular expression."""
    [(common, times)] = Counter(gap).most_common(1)
    return common if times == len(gap) and common in ("", " ") else r"\s*"
