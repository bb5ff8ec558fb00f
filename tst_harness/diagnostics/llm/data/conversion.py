"""From the questions of a benchmark to what a language model is shown and taught."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase

from tst_harness.analysis.diagnostic import FloatArray, IntArray, Questions
from tst_harness.benchmark.declarations import Prompts
from tst_harness.dataset.answers import (
    Invalid,
    parse_options,
)
from tst_harness.diagnostics.llm.data.models import TstTestInstance, TstTrainingDatum
from tst_harness.diagnostics.llm.data.numbers import format_number
from tst_harness.errors import DataError

MC_PROMPT = "{question}\n{options}\nAnswer with the letter of the correct option only."
NUM_PROMPT = "{question}\nAnswer with a single number only."
OPEN_PROMPT = "{question}\nAnswer with a word or a short phrase only."
MULTI_PROMPT = (
    "{question}\nOne or more answers are right. Is this one of them: {option}\n{options}\n"
    "Answer with the letter of the correct option only."
)
JUDGEMENTS = ("yes", "no")
"""The options of the question whether an option is right."""

_SLOT = re.compile(r"\{(question|options|option)\}")


def letter_options(options: Sequence[str]) -> str:
    """Return the options one a line, each after its letter: "A. red", "B. green".

    Options that already begin with these letters, every one and in order, are not lettered again.

    Raises
    ------
    DataError
        There are fewer than two options or more than letters, or one is empty.
    """
    bare = parse_options(tuple(options))
    if isinstance(bare, Invalid):
        raise DataError(f"options {list(options)!r}: {bare}; correct the question's options")
    if len(bare) > len(ascii_uppercase):
        raise DataError(
            f"a question has {len(bare)} options, and there are {len(ascii_uppercase)} letters for them; "
            "leave it out"
        )
    return "\n".join(f"{letter}. {option}" for letter, option in zip(ascii_uppercase, bare, strict=False))


def instruction_of(text: str, options: Sequence[str] | None, prompts: Prompts | None = None) -> str:
    """Return what a model is asked.

    Parameters
    ----------
    text
        The question.
    options
        In order; None asks for a number.
    prompts
        The benchmark's own wording, where it has one.

    Raises
    ------
    DataError
        The options cannot be lettered.
    """
    if options is None:
        return _filled((prompts and prompts.num) or NUM_PROMPT, question=text)
    return _filled((prompts and prompts.mc) or MC_PROMPT, question=text, options=letter_options(options))


def _filled(template: str, **filling: str) -> str:
    # In one pass, so that a question that has "{options}" in its text keeps it.
    return _SLOT.sub(lambda slot: filling[slot[1]], template)


def training_data(
    questions: Questions,
    rows: IntArray,
    answers: FloatArray,
    accepted: Mapping[int, tuple[str, ...]] | None = None,
) -> list[TstTrainingDatum]:
    """Return n questions with their answers, as a model is trained on them.

    A multi question is as many as it has options: whether each of them is right. Of an open question the
    accepted text that is given most often is taught.

    Parameters
    ----------
    questions
        Those of a benchmark.
    rows
        n row numbers in `questions.frame`.
    answers
        n answers, as in `FoldTask`.
    accepted
        As in `FoldTask`.

    Raises
    ------
    DataError
        A question has more options than there are letters.
    """
    return [
        TstTrainingDatum(
            instruction=prompt.instruction,
            response=_response(prompt, answers[prompt.number], accepted or {}),
            metadata={"question": prompt.text, "type": prompt.type},
        )
        for prompt in _prompts(questions, rows)
    ]


def _response(prompt: "_Prompt", answer: float, accepted: Mapping[int, tuple[str, ...]]) -> str:
    if prompt.format == "num":
        return format_number(answer)
    if prompt.format == "open":
        return accepted[int(answer)][0]
    if prompt.format == "multi":
        return ascii_uppercase[0 if int(answer) >> prompt.option & 1 else 1]
    return ascii_uppercase[int(answer)]


def prompts_per_question(questions: Questions, rows: IntArray) -> list[int]:
    """Return how many of `test_instances` each of n questions is: for multi one for each option."""
    frame = questions.frame.iloc[rows]
    return [
        len(options) if format_ == "multi" else 1
        for format_, options in zip(frame["format"], frame["options"], strict=True)
    ]


def test_instances(questions: Questions, rows: IntArray) -> list[TstTestInstance]:
    """Return n questions as a model is asked them; their answers are not known here.

    A multi question is as many as it has options, as in `training_data`, one after the other.

    Parameters
    ----------
    questions
        Those of a benchmark.
    rows
        n row numbers in `questions.frame`.

    Raises
    ------
    DataError
        A question has more options than there are letters.
    """
    return [
        TstTestInstance(
            instance_id=prompt.id,
            instruction=prompt.instruction,
            options=prompt.options,
            answer="text" if prompt.format == "open" else "number",
            metadata={"question": prompt.text, "type": prompt.type},
        )
        for prompt in _prompts(questions, rows)
    ]


@dataclass(frozen=True)
class _Prompt:
    """One prompt: the question's number among those asked, and the option that is judged (multi)."""

    number: int
    id: str
    type: str
    format: str
    text: str
    options: tuple[str, ...] | None
    instruction: str
    option: int = 0


def _prompts(questions: Questions, rows: IntArray) -> Iterator[_Prompt]:
    frame = questions.frame.iloc[rows]
    prompts = questions.benchmark.prompts
    columns = [frame[name].tolist() for name in ("id", "type", "format", "text", "options")]
    for number, (id_, type_, format_, text, options) in enumerate(zip(*columns, strict=True)):
        place = f"{questions.benchmark.name}: question {id_!r}"
        if format_ == "multi":
            template = (prompts and prompts.multi) or MULTI_PROMPT
            judged = letter_options(JUDGEMENTS)
            for option, offered in enumerate(options):
                filled = partial(_filled, template, question=text, option=offered, options=judged)
                instruction = writable(place, filled)
                yield _Prompt(number, id_, type_, format_, text, JUDGEMENTS, instruction, option)
        elif format_ == "open":
            template = (prompts and prompts.open) or OPEN_PROMPT
            instruction = writable(place, partial(_filled, template, question=text))
            yield _Prompt(number, id_, type_, format_, text, options, instruction)
        else:
            instruction = writable(place, partial(instruction_of, text, options, prompts))
            yield _Prompt(number, id_, type_, format_, text, options, instruction)


def writable(place: str, make: Callable[[], str]) -> str:
    """Return what is asked, as a text that can be written.

    Raises
    ------
    DataError
        It cannot be made or written; the message begins with `place`.
    """
    try:
        instruction = make()
        instruction.encode()
    except UnicodeEncodeError as error:
        part = error.object[error.start : error.end]
        raise DataError(f"{place}: {part!r} is no Unicode text; remove it") from None
    except DataError as error:
        raise DataError(f"{place}: {error}") from None
    return instruction
