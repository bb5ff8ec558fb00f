"""Answers that say otherwise which of two options, yes and no, is right."""

from collections.abc import Iterable, Iterator

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import Answer, option_named, text_of
from tst_harness.dataset.option_texts import folded, truth_of


def yes_or_no(answers: Iterable[Answer], form: AnswerForm) -> Iterator[str]:
    """How answers are read that are none of their options, as "true" is none of "Yes" and "No"."""
    for answer, options in dict.fromkeys(answers):
        text, truths = text_of(answer) or "", list(map(truth_of, options))
        if form == "text" and truth_of(text) is not None and folded(text) not in map(folded, options):
            place = option_named(answer, options, form)
            if place >= 0:
                yield f"the answer {text!r} is read as the option {options[place]!r}"
        elif form == "index" and text in ("0", "1") and truths == [True, False]:
            yield (
                f"the answer {text} is read as the place of the option {options[int(text)]!r}, from 0; write "
                "the options themselves as answers if 1 means yes and 0 means no"
            )
