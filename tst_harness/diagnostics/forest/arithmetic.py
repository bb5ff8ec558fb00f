"""Numbers that a question gives away: those it mentions, their sums and products, how many words it has."""

import regex

from tst_harness.diagnostics.forest.surface import words_of

NUMBER = regex.compile(r"(?<![\p{L}\p{N}.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\p{L}\p{N}])")
_MOST_NUMBERS = 6


def numbers_in(text: str) -> list[float]:
    """The numbers that a text mentions, in their order, at most six of them."""
    numbers = [float(number.replace(",", "")) for number in NUMBER.findall(text)]
    return numbers[:_MOST_NUMBERS]


def numbers_told(text: str) -> dict[str, float]:
    """What a question tells as a number, by what it is called."""
    words = words_of(text)
    values = {"number of words": float(len(words))} if words else {}
    numbers = numbers_in(text)
    if not numbers:
        return values
    first = numbers[0]
    values |= {
        "first number": first,
        "double of the first number": 2.0 * first,
        "half of the first number": first / 2.0,
    }
    if len(numbers) > 1:
        second = numbers[1]
        values |= {
            "last number": numbers[-1],
            "largest number": max(numbers),
            "smallest number": min(numbers),
            "sum of the numbers": sum(numbers),
            "difference of the numbers": abs(first - second),
            "product of the numbers": first * second,
        }
    return values
