"""Made-up questions with one cue each, for `cues.py`."""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

ONSETS, ENDS = ("br", "ch", "fl", "gr", "pl", "st", "tr", "v"), ("and", "elm", "ick", "oss", "unt", "ire")
WORDS = tuple(onset + vowel + end for onset in ONSETS for vowel in "aeo" for end in ENDS)
HINDI = ("नदी", "पहाड़", "किताब", "घर", "पेड़", "सड़क", "दीवार", "खिड़की", "रसोई", "बगीचा", "मंदिर", "दुकान")
JAPANESE = "あいうえおかきくけこさしすせそなにぬねのまみむめもらりるれろ"
THAI = "กขคงจฉชซญดตถทธนบปผพฟมยรลวสหอ"
KOREAN = ("나무", "바다", "하늘", "구름", "사람", "거리", "학교", "강물", "노래", "편지", "시장", "창문")
ARABIC = ("بيت", "شجرة", "باب", "نهر", "جبل", "كتاب", "طريق", "مدينة", "قلم", "شمس", "بحر", "سماء")
CHINESE = "山水火土木金石田河海天地日月星云雨雪风花草树叶鸟鱼马牛羊"
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


def rank_of(values: Sequence[Any], rank: int) -> int:
    return values.index(sorted(values)[rank])


def position(rng: random.Random) -> Question:
    text, options, _ = plain(rng)
    return Question(text, options, 0)


def longest(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    options[cue] += f" {rng.choice(WORDS)}"
    return Question(text, options, cue)


def second_longest(rng: random.Random) -> Question:
    text, _, _ = plain(rng)
    sizes = rng.sample((2, 3, 4, 5), 4)
    return Question(text, [" ".join(rng.sample(WORDS, size)) for size in sizes], sizes.index(4))


def second_largest(rng: random.Random) -> Question:
    text, _, _ = plain(rng)
    values = rng.sample(range(20, 980), 4)
    return Question(text, [str(value) for value in values], rank_of(values, 2))


def round_number(rng: random.Random) -> Question:
    text, _, cue = plain(rng)
    values = [rng.randrange(2, 98) * 10 + (0 if i == cue else rng.randrange(1, 10)) for i in range(4)]
    return Question(text, [str(value) for value in values], cue)


def preferred(rng: random.Random) -> Question:
    """Twelve options that recur, of which the earlier ones in the list are right more often."""
    text, _, _ = plain(rng)
    places = rng.sample(range(12), 4)
    return Question(text, [WORDS[place] for place in places], rank_of(places, 0))


def pair_of_options(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    options[cue] = "amber"
    options[rng.choice([i for i in range(4) if i != cue])] = "indigo"
    return Question(text, options, cue)


def out_of_alphabet(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    others = iter(sorted(option for i, option in enumerate(options) if i != cue))
    return Question(text, [options[i] if i == cue else next(others) for i in range(4)], cue)


def first_in_alphabet(rng: random.Random) -> Question:
    text, options, _ = plain(rng)
    return Question(text, options, rank_of(options, 0))


def word_tells_letter(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    return Question(f"{WORDED[cue]} {text}", options, cue)


def both_words(rng: random.Random) -> Question:
    """A word of the question says which of two words the option has; a third goes with it."""
    text, options, _ = plain(rng)
    asked = rng.choice(("early", "late"))
    told, other = ("warm", "cold") if asked == "early" else ("cold", "warm")
    ends = [f"{told} west", f"{told} east", f"{other} west", f"{other} east"]
    rng.shuffle(ends)
    options = [f"{option} {end}" for option, end in zip(options, ends, strict=True)]
    return Question(f"{asked} {text}", options, ends.index(f"{told} west"))


def article(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    vowel = rng.random() < 0.5
    options = [
        "ae"[rng.randrange(2)] + one[1:] if vowel == (i == cue) else one for i, one in enumerate(options)
    ]
    return Question(f"{text[:-1]} {'an' if vowel else 'a'}", options, cue)


def ending(rng: random.Random) -> Question:
    text, options, cue = plain(rng, 1)
    ends = rng.sample(("ing", "led", "ely", "ter", "nal"), 2)
    options = [one + ends[0 if i == cue else 1] for i, one in enumerate(options)]
    return Question(text[:-1] + ends[0], options, cue)


def first_letter(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    letter = rng.choice("bcfgpst")
    options = [(letter if i == cue else rng.choice("kmnrwz")) + one[1:] for i, one in enumerate(options)]
    return Question(letter + text[1:], options, cue)


def overlap(rng: random.Random) -> Question:
    text, options, cue = plain(rng)
    options[cue] = " ".join([*options[cue].split()[:2], text[:-1].split()[3]])
    return Question(text, options, cue)


def mentioned_first(rng: random.Random) -> Question:
    mentioned = rng.sample(WORDS, 4)
    options = rng.sample(mentioned, 4)
    return Question(f"{', '.join(mentioned)}?", options, options.index(mentioned[0]))


def nearest_number(rng: random.Random) -> Question:
    text, _, _ = plain(rng)
    number, values = rng.randrange(200, 800), rng.sample(range(20, 980), 4)
    distances = [abs(value - number) for value in values]
    return Question(f"{text} {number}", [str(value) for value in values], rank_of(distances, 0))


def nearest_mean(rng: random.Random) -> Question:
    text, _, _ = plain(rng)
    values = rng.sample(range(20, 980), 4)
    distances = [abs(value - sum(values) / 4) for value in values]
    return Question(text, [str(value) for value in values], rank_of(distances, 0))


def double_number(rng: random.Random) -> Question:
    text, _, cue = plain(rng)
    number = rng.randrange(20, 400)
    values = [2 * number if i == cue else rng.randrange(40, 800) for i in range(4)]
    return Question(f"{text} {number}", [str(value) for value in values], cue)


def number_in_question(rng: random.Random) -> Question:
    number = rng.randint(2, 90)
    return Question(f"{' '.join(rng.sample(WORDS, 4))} {number}", None, float(number))


def number_of_words(rng: random.Random) -> Question:
    count = rng.randint(3, 14)
    return Question(" ".join(rng.sample(WORDS, count)), None, float(count))


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
    "first option": position,
    "longest": longest,
    "second longest": second_longest,
    "a word": marked(lambda one: f"{one[:-1]} indeed", lambda one: f"{one} plain"),
    "second largest number": second_largest,
    "round number": round_number,
    "preferred options": preferred,
    "of two options one": pair_of_options,
    "out of alphabetical order": out_of_alphabet,
    "first in the alphabet": first_in_alphabet,
    "word and place": word_tells_letter,
    "two words and a word": both_words,
    "article": article,
    "ending": ending,
    "first letter": first_letter,
    "shared word": overlap,
    "mentioned first": mentioned_first,
    "nearest number": nearest_number,
    "nearest the mean": nearest_mean,
    "double of a number": double_number,
    "curly quotation mark": marked(
        lambda one: one[:4] + "\N{RIGHT SINGLE QUOTATION MARK}" + one[4:], lambda one: f"{one[:4]}'{one[4:]}"
    ),
    "full stop": marked(lambda one: one + "."),
    "two spaces": marked(lambda one: one.replace(" ", "  ", 1)),
    "no-break space": marked(lambda one: one.replace(" ", "\N{NO-BREAK SPACE}", 1)),
    "letters of two scripts": marked(lambda one: one.replace("a", "\N{CYRILLIC SMALL LETTER A}")),
    "markup": marked(lambda one: f"**{one}**", lambda one: f"{one} two"),
    "Japanese word": of_script(JAPANESE, "たぶん", ""),
    "Thai word": of_script(THAI, "คงจะ", ""),
    "Korean word": of_script(KOREAN, "아마", " "),
    "Arabic word": of_script(ARABIC, "ربما", " "),
    "number in the question": number_in_question,
    "number of words": number_of_words,
}
