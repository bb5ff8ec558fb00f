"""Answers that say otherwise which of two options, yes and no, is right."""

from collections.abc import Iterable, Iterator

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import Answer, option_named, text_of
from tst_harness.dataset.option_texts import folded, truth_of


def yes_or_no(answers: Iterable[Answer], form: AnswerForm) -> Iterator[str]:
    """How answers are read that are none of their options, as "true" is none of "Yes" and "No"."""
    for answer, options in dict.fromkeys(answers):
        if len(options) != 2 or {truth_of(option) for option in options} != {True, False}:
            continue
        text, place = text_of(answer) or "", option_named(answer, options, form)
        if form == "text" and place >= 0 and folded(text) not in map(folded, options):
            yield f"the answer {text!r} is read as the option {options[place]!r}"
        elif form == "index" and text in ("0", "1") and truth_of(options[int(text)]) != (text == "1"):
            yield (
                f"the answer {text} is read as the place of the option {options[place]!r}, from 0; write the "
                "options themselves as answers if 1 means yes and 0 means no"
            )
