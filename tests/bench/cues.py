"""Made-up test sets with one cue each: how much of it the forest finds, and how it is named: `tox -e cues`.

Following a cue is right in 45% of the questions of four options, so 20 points can be had. Of each set the
answers are also permuted over the questions: what is then found or named is a false alarm.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from forest_runs import forest_runs

from tst_harness import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.analysis.diagnostic import Questions
from tst_harness.checks.shortcut_rules import rules_of
from tst_harness.checks.shortcuts import significant_shortcuts
from tst_harness.dataset.loading import Dataset, load
from tst_harness.diagnostics.forest.reading import Reading

ONSETS, ENDS = ("br", "ch", "fl", "gr", "pl", "st", "tr", "v"), ("and", "elm", "ick", "oss", "unt", "ire")
WORDS = tuple(onset + vowel + end for onset in ONSETS for vowel in "aeo" for end in ENDS)
HINDI = ("नदी", "पहाड़", "किताब", "घर", "पेड़", "सड़क", "दीवार", "खिड़की", "रसोई", "बगीचा", "मंदिर", "दुकान")
CHINESE = "山水火土木金石田河海天地日月星云雨雪风花草树叶鸟鱼马牛羊"
FOLLOWED = 0.45
WORDED = ("near", "above", "behind", "beside")


class Question(NamedTuple):
    """A question before its answer: the cue points at an option, or tells a number."""

    text: str
    options: list[str] | None
    cue: float


def plain(rng: random.Random, words: int = 3) -> tuple[str, list[str], int]:
    text = " ".join(rng.sample(WORDS, 6)) + "?"
    return text, [" ".join(rng.sample(WORDS, words)) for _ in range(4)], rng.randrange(4)


def marked(change: Callable[[str], str], others: Callable[[str], str] = str) -> Callable[..., Question]:
    """Sets in which one option is written in another way than the others."""

    def make(rng: random.Random) -> Question:
        text, options, cue = plain(rng)
        changed = [change(one) if i == cue else others(one) for i, one in enumerate(options)]
        return Question(text, changed, cue)

    return make


def plural(rng: random.Random) -> Question:
    text, options, cue = plain(rng, 1)
    many = rng.random() < 0.5
    options = [one + "s" * (many == (i == cue)) for i, one in enumerate(options)]
    return Question(text[:-1] + (" are" if many else " is"), options, cue)


def length_tells_place(rng: random.Random) -> Question:
    _, options, cue = plain(rng)
    return Question(" ".join(rng.choices(WORDS, k=3 + 4 * cue)), options, cue)


def odd_in_words(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    longer = rng.random() < 0.5
    size = {True: 4, False: 3}
    options = [" ".join(rng.sample(WORDS, size[longer == (i == cue)])) for i in range(4)]
    return Question(text, options, cue)


def alike(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    shared = options[cue].split()
    for i in range(4):
        if i != cue:
            options[i] = " ".join([*rng.sample(WORDS, 2), shared[i % 3]])
    return Question(text, options, cue)


def sum_of_numbers(rng: random.Random) -> Question:
    a, b = rng.randint(2, 60), rng.randint(2, 60)
    cue = rng.randrange(4)
    values = [a + b if i == cue else rng.randint(10, 130) for i in range(4)]
    return Question(
        f"{a} {rng.choice(WORDS)} and {b} {rng.choice(WORDS)}?", [str(one) for one in values], cue
    )


def shared_number(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    year = rng.randint(1800, 2000)
    numbers = [year if i == cue else rng.randint(1800, 2000) for i in range(4)]
    return Question(f"{text} {year}", [f"{a} {b}" for a, b in zip(options, numbers, strict=True)], cue)


def word_tells_word(rng: random.Random) -> Question:
    text, options, _ = plain(rng)
    ends = rng.sample(("north", "south", "east", "west"), 4)
    asked = rng.randrange(4)
    options = [f"{option} {end}" for option, end in zip(options, ends, strict=True)]
    return Question(f"{WORDED[asked]} {text}", options, ends.index(("north", "south", "east", "west")[asked]))


def of_script(signs: tuple[str, ...] | str, cue_word: str, between: str) -> Callable[..., Question]:
    def make(rng: random.Random) -> Question:
        cue = rng.randrange(4)
        options = [rng.sample(signs, 4) for _ in range(4)]
        options[cue][rng.randrange(4)] = cue_word
        return Question(between.join(rng.sample(signs, 6)), [between.join(one) for one in options], cue)

    return make


def word_tells_number(rng: random.Random) -> Question:
    word = rng.choice(WORDS[:12])
    return Question(f"How far is the {word}?", None, 5.0 * WORDS.index(word) + 3)


def number_is_product(rng: random.Random) -> Question:
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    return Question(f"{a} rows of {b} {rng.choice(WORDS)}", None, float(a * b))


KINDS: dict[str, Callable[..., Question]] = {
    "exclamation mark": marked(lambda one: one[:-1] + "!"),
    "brackets": marked(lambda one: one.replace(" ", " (", 1)[:-1] + ")"),
    "capitals": marked(str.upper),
    "small letter": marked(str, str.capitalize),
    "accent": marked(lambda one: one.replace("a", "á").replace("e", "é").replace("o", "ó")),
    "space at the end": marked(lambda one: one[:-1] + " x", lambda one: one[:-1] + "xx"),
    "hyphen": marked(lambda one: one.replace(" ", "-", 1)),
    "digit": marked(lambda one: one[:-1] + "7"),
    "repeated word": marked(lambda one: " ".join([*one.split()[:2], one.split()[0]])),
    "shortest": marked(lambda one: " ".join(one.split()[:2])),
    "singular or plural": plural,
    "length and place": length_tells_place,
    "odd number of words": odd_in_words,
    "most alike": alike,
    "sum of numbers": sum_of_numbers,
    "number shared": shared_number,
    "word and word": word_tells_word,
    "Hindi word": of_script(HINDI, "शायद", " "),
    "Chinese word": of_script(CHINESE, "或许", ""),
    "number by word": word_tells_number,
    "number by product": number_is_product,
}


def written(make: Callable[..., Question], path: Path, n: int, seed: int) -> Dataset:
    """Write a set and load it."""
    rng, rows = random.Random(f"{path.stem} {seed}"), []
    numeric = False
    for i in range(n):
        question = make(rng)
        while question.options and len(set(question.options)) < len(question.options):
            question = make(rng)
        follows = rng.random() < FOLLOWED
        row: dict[str, object] = {"id": i, "question": question.text}
        if question.options is None:
            numeric = True
            row["answer"] = question.cue if follows else rng.randint(1, 80)
        else:
            others = [option for option in range(len(question.options)) if option != question.cue]
            row["options"] = question.options
            row["answer"] = "ABCD"[int(question.cue) if follows else rng.choice(others)]
        rows.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join(rows), encoding="utf-8")
    columns = Columns(id="id", text="question", answer="answer", options=None if numeric else "options")
    types = [Number("made_up")] if numeric else [Choice("made_up")]
    return load(Benchmark(name="made_up", source=LocalFile(str(path)), columns=columns, question_types=types))


def named(dataset: Dataset, seed: int) -> list[str]:
    """The sentences of the rules that beat chance, the strongest first."""
    units = np.arange(len(dataset.frame))
    rules = rules_of(dataset, Reading.of(Questions.of(dataset)), units, seed)
    return [one.text for one in significant_shortcuts(dataset, rules).shortcuts]


def gain(dataset: Dataset, seed: int) -> tuple[float, float]:
    """Points over the blind baseline, and their standard error."""
    runs = forest_runs(dataset, [seed], folds=5)
    more = 100.0 * (runs.score - runs.blind_baseline)[0]
    return float(more.mean()), float(more.std(ddof=1) / np.sqrt(len(more)))


def permuted(dataset: Dataset, seed: int) -> Dataset:
    """The same questions with the answers of others."""
    order = np.random.default_rng(seed).permutation(len(dataset.frame))
    return replace(dataset, frame=dataset.frame.assign(answer=dataset.frame["answer"].to_numpy()[order]))


def main() -> None:
    """Print a row for each kind of cue."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", choices=list(KINDS), default=list(KINDS))
    options = parser.parse_args()
    print("| cue | seed | gain | with answers permuted | named then | the strongest sentence |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds:
            for seed in range(options.seeds):
                dataset = written(KINDS[kind], Path(folder) / f"{kind}.jsonl", options.questions, seed)
                nothing = permuted(dataset, seed)
                found, (null, error) = gain(dataset, seed)[0], gain(nothing, seed)
                false_alarms = len(named(nothing, seed))
                sentence = next(iter(named(dataset, seed)), "")
                cells = (kind, seed, f"{found:.1f}", f"{null:.1f} ± {error:.1f}", false_alarms, sentence)
                print("|", " | ".join(map(str, cells)), "|", flush=True)


if __name__ == "__main__":
    main()
