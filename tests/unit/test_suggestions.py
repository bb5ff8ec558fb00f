"""What was probably meant by a name that is not known."""

import pytest

from tst_harness.integrations.pytest.passed_on import complaint_of
from tst_harness.suggestions import choice_meant, did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("quesion", ["question", "answer"], "; did you mean 'question'?"),
        ("GROUP", ["group", "id"], "; did you mean 'group'?"),
        ("answer", ["Answer", "id"], "; did you mean 'Answer'?"),
        ("--grup", ["--group", "--id"], "; did you mean --group?"),
        ("zebra", ["question", "answer"], ""),
        ("score", [], ""),
    ],
)
def test_a_name_like_it_is_suggested(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, iter(known)) == said


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        ("invalid choice: 'mcq' (choose from 'mc', 'num', 'open')", "; did you mean 'mc'?"),
        ("invalid choice: 'audti' (choose from audit, blind)", "; did you mean 'audit'?"),
        ("invalid choice: 'groupd' (choose from 'random', 'grouped', 'both')", "; did you mean 'grouped'?"),
        ("invalid choice: 'x' (choose from 'random', 'grouped')", ""),
        ("expected one argument", ""),
    ],
)
def test_a_choice_like_it_is_suggested_whatever_the_version_of_python(complaint: str, said: str) -> None:
    assert choice_meant(f"argument --format: {complaint}") == said


def test_an_option_like_no_other_is_only_named() -> None:
    assert (
        complaint_of("pytest: error: unrecognized arguments: --nothing\n")
        == "unrecognized arguments: --nothing"
    )
