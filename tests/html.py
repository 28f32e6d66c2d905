"""Read an answer's HTML as a tree, to ask what a person finds in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr"),
}


@dataclass
class Element:
    """An element: its own texts and elements in their order are its `children`."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __iter__(self) -> Iterator["Element"]:
        """Itself and everything in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def raw(self) -> str:
        return "".join(each if isinstance(each, str) else each.raw for each in self.children)

    @property
    def text(self) -> str:
        """What it says, white space collapsed."""
        return " ".join(self.raw.split())

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Every element of that tag with these attributes; `class_` is one class of several."""
        return [each for each in self if _is_like(each, tag, attributes)]

    def one(self, tag: str = "", **attributes: str) -> "Element":
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes} in {self.text[:500]}"
        return found[0]

    def says(self, text: str) -> bool:
        return text in self.text

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields of a form."""
        values = {}
        for each in self:
            name = each["name"]
            if each.tag == "textarea":
                values[name] = each.raw.removeprefix("\n")
            elif each.tag == "select":
                chosen = [o["value"] for o in each.all("option") if "selected" in o.attributes]
                values[name] = chosen[0] if chosen else each.all("option")[0]["value"]
            elif each.tag == "input" and each["type"] in ("radio", "checkbox"):
                if "checked" in each.attributes:
                    values[name] = each.attributes.get("value", "on")
            elif each.tag == "input":
                values[name] = each["value"]
        return values


def _is_like(element: Element, tag: str, attributes: dict[str, str]) -> bool:
    if tag and element.tag != tag:
        return False
    for name, value in attributes.items():
        if name == "class_":
            if value not in element["class"].split():
                return False
        elif element.attributes.get(name.rstrip("_").replace("_", "-")) != value:
            return False
    return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(response: Any) -> Element:
    """The tree of an answer; fails when its tags do not close each other."""
    reader = _Reader()
    reader.feed(response.content.decode())
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.open[0]
