"""What is said of every answer: whether it is a page or a part of one, and what it told."""

from collections.abc import Mapping
from typing import Any

from tests.html import Element, read
from tests.people import HTMX


def told(response: Any) -> str:
    """What a part tells out of band, in the line of the page that a screen reader speaks."""
    status = read(response).one(id="status", hx_swap_oob="innerHTML")
    return status.text


def message(response: Any) -> str:
    """What a page tells that somebody was sent to."""
    found = read(response).one("ul", class_="messagelist")
    return found.text.partition(" Undo")[0]  # the button beside it


def is_page(response: Any) -> bool:
    return b"<html" in response.content


def root(response: Any) -> Element:
    """The one root of a part of a page."""
    tree = read(response)
    elements = [child for child in tree.children if isinstance(child, Element)]
    assert len(elements) == 1, [element.tag for element in elements]
    return elements[0]


def as_asked(response: Any, way: Mapping[str, str], part: str) -> Element:
    """Its tree, having seen that it is the part `part` for htmx and a whole page for others."""
    assert is_page(response) is (way is not HTMX)
    tree = read(response) if is_page(response) else root(response)
    return tree.one(id=part)


def announced(response: Any) -> bool:
    """Whether the answer tells the other parts of the page to fetch themselves anew."""
    return "machine-changed" in response.headers.get("HX-Trigger", "")


def actions_of(form: Element) -> list[tuple[str, str]]:
    """The name and the argument of each action in the list of an open row."""
    names = [each["value"] for each in form.all("input", name="action")]
    arguments = [each["value"] for each in form.all("input", name="argument")]
    return list(zip(names, arguments, strict=True))
