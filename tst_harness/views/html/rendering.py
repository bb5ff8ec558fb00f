"""Renders the templates: everything that is not markup is escaped, and the page needs nothing but itself."""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tst_harness.analysis.figures import interval, p_value, percent, signed, unbroken

_TEMPLATES = "templates"
_TICKS = re.compile("`([^`]*)`")


def render(template: str, **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template
        The name of its template, without `.html.j2`.
    **values
        What the template asks for; a missing one is an error.
    """
    script = _own("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(style=Markup(_own("page.css")), script=Markup(script), script_digest=digest, **values)
    )


def chart(name: str, **values: Any) -> Markup:
    """Return a chart: what the macro of this name in `charts.svg.j2` writes."""
    macro = getattr(_environment().get_template("charts.svg.j2").module, name)
    return Markup(macro(**values))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "signed": signed,
        "interval": interval,
        "p_value": p_value,
        "count": lambda number: f"{number:,}",
        "typeset": typeset,
    }
    return environment


def typeset(text: str) -> str:
    """Return a sentence with the quotation marks of print, and with figures that stay on one line."""
    return _TICKS.sub(r"“\1”", unbroken(text))


def _own(name: str) -> str:
    return files(__package__).joinpath(_TEMPLATES, name).read_text("utf-8")
