"""Numbers that a question gives away: those it mentions, and what is had by adding or multiplying them."""

import regex

_NUMBER = regex.compile(r"(?<![\p{L}\p{N}.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\p{L}\p{N}])")
_MOST_NUMBERS = 6


def numbers_in(text: str) -> list[float]:
    """The numbers that a text mentions, in their order, at most six of them."""
    numbers = [float(number.replace(",", "")) for number in _NUMBER.findall(text)]
    return numbers[:_MOST_NUMBERS]


def sums_told(text: str) -> dict[str, float]:
    """What the numbers of a question tell, by what it is called."""
    numbers = numbers_in(text)
    if not numbers:
        return {}
    facts = {"first number": numbers[0]}
    if len(numbers) > 1:
        first, second = numbers[:2]
        facts |= {
            "last number": numbers[-1],
            "largest number": max(numbers),
            "smallest number": min(numbers),
            "sum of the numbers": sum(numbers),
            "difference of the numbers": abs(first - second),
            "product of the numbers": first * second,
        }
    return facts
