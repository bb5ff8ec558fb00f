"""Reads XML with an element for each question, which tells things as attributes and elements inside it."""

from typing import Any
from xml.etree import ElementTree

from tst_harness.dataset.opening import DataFile, open_bytes
from tst_harness.errors import DataError

_DOCUMENT_TYPE = b"<!ENTITY"


def xml_records(file: DataFile) -> list[dict[str, Any]]:
    """The elements of the first kind that there are several of, as objects.

    An element is an object of its attributes and of the elements inside it by their names, a list where
    several are called alike; its own text, beside these, is `text`. Without anything else it is that text.

    Raises
    ------
    DataError
        It is no XML, or it declares entities, which could fill the memory.
    """
    with open_bytes(file) as stream:
        content = stream.read()
    if _DOCUMENT_TYPE in content:
        raise DataError(f"{file.name}: declares entities, which are not read; write them out")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise DataError(
            f"{file.name}: is not valid XML ({error}), the file is truncated or corrupt"
        ) from None
    while len(root) == 1:
        root = root[0]
    values = [_value(element) for element in root]
    return [value for value in values if isinstance(value, dict)]


def _value(element: ElementTree.Element) -> dict[str, Any] | str:
    text = (element.text or "").strip()
    members: dict[str, Any] = dict(element.attrib)
    for inner in element:
        value = _value(inner)
        if inner.tag in members:
            known = members[inner.tag]
            members[inner.tag] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            members[inner.tag] = value
    if not members:
        return text
    return members | ({"text": text} if text else {})
