"""What options of the command line are called in Python, where an error names them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tst_harness.errors import HarnessError

_OPTION = re.compile(
    r"(?<![\w-])--(?P<name>[a-z]+(?:-[a-z]+)*)"
    # Words that go on with a sentence are no values.
    r"(?: (?!(?:and|does|for|of|or|shows|to|with)\b)(?P<value>[\w.{/~][^\s;,)]*))?"
)
_SAME = ("answer", "answers", "format", "group", "id", "labels", "options", "question", "type")
_OF_RUNS = ("faults", "folds", "interval", "limit", "repeats", "seed", "split", "vectors")
_OF_MODELS = ("adapters-per", "on-failure", "predictor", "template-mismatch", "trainer")
_FORMS = {
    **{name: f"{name}={{}}" for name in _SAME},
    **{f"tst-{name}": f"{name}={{}}" for name in _OF_RUNS},
    **{f"tst-{name}": f"llm=LLMConfig({name.replace('-', '_')}={{}})" for name in _OF_MODELS},
    "allow-missing": "allow_missing=True",
    "force": "force=True",
    "fresh": "fresh=True",
    "min-per-answer": "min_per_answer={}",
    "min-per-type": "min_per_type={}",
    "no-controls": "controls=False",
    "percent": "percent={}",
    "tst-allow-leak": "allow_leak=True",
    "tst-data": "data_dir={}",
    "tst-diagnostic": "diagnostics={}",
    "tst-lora": "llm=LLMConfig({})",
    "tst-model": "llm=LLMConfig(model_name={})",
    "tst-null": "null_control=True",
    "tst-texts": "redistributable=True",
}
"""By option, with {} for its value."""


def in_words_of_python(text: str, others: Mapping[str, str] | None = None) -> str:
    """Return a message with arguments of Python for the options in it: "folds=2" for "--tst-folds 2".

    Parameters
    ----------
    text
        The message.
    others
        What to say instead of arguments of `tst_harness.audit`, or of a part of them.
    """

    def argument(option: re.Match[str]) -> str:
        name, value = option["name"], option["value"]
        form = _FORMS.get(name)
        if form is None:
            return option[0]
        if "{}" not in form:
            argument = form if value is None or name == "tst-texts" else f"{form} {value}"
        else:
            is_literal = value is None or value.isdecimal() or name == "tst-lora"
            argument = form.format("..." if value is None else value if is_literal else repr(value))
        for usual, other in (others or {}).items():
            argument = argument.replace(usual, other)
        return argument

    return _OPTION.sub(argument, text)


@contextmanager
def says_arguments(others: Mapping[str, str] | None = None) -> Iterator[None]:
    """Have what is called from Python name arguments in its errors, not options; `others` as above."""
    try:
        yield
    except HarnessError as error:
        error.args = (in_words_of_python(str(error), others),)
        raise
