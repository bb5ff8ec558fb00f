"""Made-up open and multi questions with one cue each, which some of the answers follow."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tst_harness import Benchmark, Columns, LocalFile
from tst_harness.benchmark.declarations import Multi, Open
from tst_harness.dataset.loading import Dataset, load

FOLLOWED = 0.45
"""How often the answer is what the cue says, beside those that happen to be."""
WORDS = tuple(
    onset + vowel + end
    for onset in ("br", "ch", "fl", "gr", "pl", "st", "tr", "v")
    for vowel in "aeo"
    for end in ("and", "elm", "ick", "oss", "unt", "ire")
)
COLOURS = ("red", "blue", "green", "black", "white", "brown", "grey", "pink", "gold")
CHINESE = "山水火土木金石田河海天地日月星云雨雪风花草树叶鸟鱼马牛羊"
LETTERS = "ABCD"


class Question(NamedTuple):
    """A question, what its cue says the answer is, and the answers that are drawn where it is not followed.

    The options are none of an open question; the answers of others are letters.
    """

    text: str
    options: list[str] | None
    told: str
    others: Sequence[str]


Kind = Callable[[random.Random], Question]


def some(rng: random.Random, n: int = 6) -> str:
    return " ".join(rng.sample(WORDS, n))


def word_tells_answer(rng: random.Random) -> Question:
    i = rng.randrange(8)
    return Question(f"What colour is the {WORDS[i]} {some(rng)}?", None, COLOURS[i], COLOURS[:8])


def length_tells_answer(rng: random.Random) -> Question:
    i = rng.randrange(4)
    return Question(some(rng, 3 + 4 * i), None, COLOURS[i], COLOURS[:4])


def two_words_tell_answer(rng: random.Random) -> Question:
    i, j = rng.randrange(3), rng.randrange(3)
    return Question(f"{WORDS[i]} {some(rng)} {WORDS[40 + j]}?", None, COLOURS[3 * i + j], COLOURS)


def first_of_two_colours(rng: random.Random) -> Question:
    pair = rng.sample(COLOURS, 2)
    return Question(f"Is the {rng.choice(WORDS)} {pair[0]} or {pair[1]}?", None, pair[0], COLOURS)


def first_of_two_words(rng: random.Random) -> Question:
    pair = rng.sample(WORDS, 2)
    return Question(f"Is it {pair[0]} or {pair[1]}?", None, pair[0], WORDS)


def number_of_the_question(rng: random.Random) -> Question:
    number = rng.randint(2, 99)
    return Question(f"{some(rng)} {number}?", None, str(number), [str(i) for i in range(2, 100)])


def last_word(rng: random.Random) -> Question:
    words = rng.sample(WORDS, 5)
    return Question(" ".join(words) + "?", None, words[-1], WORDS)


def quoted_words(rng: random.Random) -> Question:
    name = some(rng, 2)
    return Question(f'{some(rng, 4)} "{name}" {some(rng, 2)}?', None, name, [some(rng, 2) for _ in range(9)])


def chinese_sign_tells_answer(rng: random.Random) -> Question:
    i, signs = rng.randrange(8), rng.sample(CHINESE[8:], 6)
    signs[rng.randrange(6)] = CHINESE[i]
    return Question("".join(signs) + "？", None, COLOURS[i], COLOURS[:8])


def several(rng: random.Random, write: Callable[[random.Random, bool], str], text: str) -> Question:
    """A question whose right options, any of four, are written in another way than the wrong ones."""
    right = [False] * 4
    while not any(right):
        right = [rng.random() < 0.4 for _ in LETTERS]
    options = [write(rng, is_right) for is_right in right]
    sets = ["".join(letter for i, letter in enumerate(LETTERS) if 1 << i & bits) for bits in range(1, 16)]
    return Question(
        text, options, "".join(letter for letter, each in zip(LETTERS, right, strict=True) if each), sets
    )


def options_with(write: Callable[[random.Random, bool], str]) -> Kind:
    return lambda rng: several(rng, write, some(rng))


def word_tells_options(rng: random.Random) -> Question:
    which = rng.randrange(2)
    ends = ("north", "south")
    return several(
        rng, lambda rng, right: f"{some(rng, 3)} {ends[which ^ right]}", f"{WORDS[which]} {some(rng)}"
    )


def word_tells_how_many(rng: random.Random) -> Question:
    n = rng.randrange(1, 4)
    told = "".join(sorted(rng.sample(LETTERS, n)))
    others = ["".join(sorted(rng.sample(LETTERS, size))) for size in (1, 2, 3)]
    return Question(f"{COLOURS[n]} {some(rng)}", [some(rng, 3) for _ in LETTERS], told, others)


OPEN_KINDS: dict[str, Kind] = {
    "a word of the question tells the answer": word_tells_answer,
    "two words of the question tell the answer": two_words_tell_answer,
    "the length of the question tells the answer": length_tells_answer,
    "the answer is the first of two colours in the question": first_of_two_colours,
    "the answer is the first of two words in the question": first_of_two_words,
    "the answer is the number of the question": number_of_the_question,
    "the answer is the last word of the question": last_word,
    "the answer is what the question has in quotes": quoted_words,
    "a Chinese sign tells the answer": chinese_sign_tells_answer,
}
MULTI_KINDS: dict[str, Kind] = {
    "right options have a word": options_with(lambda rng, right: f"{some(rng, 3)} {WORDS[not right]}"),
    "right options are longer": options_with(lambda rng, right: some(rng, 6 if right else 3)),
    "right options begin with a capital": options_with(
        lambda rng, right: some(rng, 3).capitalize() if right else some(rng, 3)
    ),
    "right options have a digit": options_with(
        lambda rng, right: f"{some(rng, 3)} {rng.randint(1, 99)}" if right else some(rng, 3)
    ),
    "right options have a Chinese sign": options_with(
        lambda rng, right: "".join(rng.sample(CHINESE[8:], 3)) + CHINESE[not right]
    ),
    "a word of the question tells a word of the right options": word_tells_options,
    "a word of the question tells how many are right": word_tells_how_many,
}


def with_cue(kind: str, path: Path, n: int, seed: int) -> tuple[Dataset, float]:
    """Write n questions of a kind and load them, with the share that the cue gets right."""
    make = (OPEN_KINDS | MULTI_KINDS)[kind]
    rng, rows, right = random.Random(f"{kind} {seed}"), [], 0
    for i in range(n):
        question = make(rng)
        answer = question.told if rng.random() < FOLLOWED else rng.choice(question.others)
        right += answer == question.told
        row = {"id": i, "question": question.text, "answer": answer, "options": question.options}
        rows.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join(rows), encoding="utf-8")
    options = "options" if kind in MULTI_KINDS else None
    benchmark = Benchmark(
        name="made_up",
        source=LocalFile(str(path)),
        columns=Columns(id="id", text="question", answer="answer", options=options),
        question_types=[Multi("made_up") if options else Open("made_up")],
    )
    return load(benchmark), right / n
