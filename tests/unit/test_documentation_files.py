"""Files of the documentation: the README is short, links lead somewhere, outputs are compared rightly."""

import re
from pathlib import Path

import documentation
import pytest
from documentation import mismatch, refreshed, steps

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
WITH_LINKS = [*documentation.PAGES, *documentation.ROOT.glob("*.md")]


def test_the_readme_is_short() -> None:
    assert len(documentation.README.read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", sorted(set(WITH_LINKS)), ids=lambda page: page.stem)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_a_page_is_taken_apart() -> None:
    text = """
<!-- run -->
```console
$ echo 1 \\
    2
1 2
$ true
```

<!-- run -->
```python
print(3)
```

<!-- output -->
```text
3
```

```console
$ not marked
```
"""
    assert [(step.command, step.shown, step.python) for step in steps(text)] == [
        ("echo 1 \\\n    2", "1 2\n", False),
        ("true", "", False),
        ("print(3)\n", "3\n", True),
    ]


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("score 61.7 [59.8 63.4] (1.2 s)", "score  62.0 [59.9 63.5]  (31.0 s)"),
        ("...\nlast", "first\nsecond\nlast"),
        ("first\n...\nlast\n...", "first\nlast\nmore"),
        ("5,130 questions", "5,100 questions"),
    ],
)
def test_what_may_differ(shown: str, printed: str) -> None:
    assert mismatch(shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("score 61.7", "score 58.0"),
        ("score 61.7", "gain 61.7"),
        ("first\nlast", "first\nsecond\nlast"),
        ("first\n...", "other\nfirst"),
        ("", "anything"),
    ],
)
def test_what_may_not(shown: str, printed: str) -> None:
    assert mismatch(shown, printed) is not None


def test_a_refreshed_output_is_shortened_where_the_page_was() -> None:
    printed = "header\nscore 63.0\ngain 30.0\nmore\npage: b.html\nend\n"
    assert refreshed("...\nscore 61.7\ngain 28.7\n...\npage: a.html\n...\n", printed) == (
        "...\nscore 63.0\ngain 30.0\n...\npage: b.html\n...\n"
    )
    assert refreshed("", printed) == printed


def test_a_refreshed_output_is_whole_where_the_page_shortens_nothing() -> None:
    printed = "title\nobject_size 0.63\nroute 0.70\n"
    assert refreshed("object_size 0.61\nobject_size_estimation 0.63\n", printed) == printed
