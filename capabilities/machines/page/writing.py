"""Writing a page, so that reading gives it back."""

import re
from collections.abc import Iterable, Iterator

from ..formats.mermaid import mermaid
from ..machine import Machine
from ..notation import REMARK, Note, render_with_notes
from .lines import MEANT, NO_TRANSITIONS, PICTURE
from .values import Page, PageMachine


def render_page(page: Page, *, markdown: bool = False) -> str:
    """Write a page, in the team's plain form or as Markdown; `parse_page` gives it back.

    The Markdown has a table of all machines besides, and a diagram of each.

    Machines and templates keep their order, which must have a capability's machines side by side.
    """
    return "\n\n".join(_blocks(page, markdown)) + "\n"


def _blocks(page: Page, markdown: bool) -> Iterator[str]:
    def heading(level: int, text: str) -> str:
        return f"{'#' * level} {text}" if markdown else text

    def block(lines: list[str]) -> str:
        return "\n".join(["```text", *lines, "```"] if markdown else lines)

    yield heading(1, "Capability State Machines")
    yield heading(2, "Legend")
    yield block(["- [State Name]", "- <event> {Action 1} {Action 2} ... {Action N} ->"])
    if markdown and page.machines:
        yield heading(2, "Machines")
        yield "\n".join(_table(page.machines))
    capability = None
    for item in page.machines:
        if item.capability != capability:
            capability = item.capability
            yield heading(2, capability)
        kind = item.kind.title()
        lines = _machine_lines(item.machine, item.notes)
        if markdown:
            yield heading(3, kind)
            yield block(lines)
            yield from _picture(item.machine)
        else:
            yield block([f"{REMARK} {kind}", *lines])
    if page.templates:
        yield heading(2, "Current Templates")
    for number, template in enumerate(page.templates, start=1):
        title = re.sub(r"([\\(]|\A\[)", r"\\\1", template.title)
        lines = _machine_lines(template.machine, template.notes)
        if markdown:
            yield heading(3, f"{number}. {title}")
            yield block(lines)
            yield from _picture(template.machine)
        else:
            yield block([f"{number}. {title}", *lines])


def _table(machines: Iterable[PageMachine]) -> Iterator[str]:
    yield "| Capability | Kind | States | Transitions | Actions |"
    yield "|---|---|---:|---:|---:|"
    for each in machines:
        found = each.machine
        if found is None:
            yield f"| `{each.capability}` | {each.kind}, same as current | | | |"
            continue
        counts = f"{len(found.states)} | {len(found)} | {found.action_count}"
        yield f"| `{each.capability}` | {each.kind} | {counts} |"


def _picture(machine: Machine | None) -> Iterator[str]:
    if machine:
        yield f"{PICTURE}\n{mermaid(machine)}```"


def _machine_lines(machine: Machine | None, notes: Iterable[Note]) -> list[str]:
    lines = render_with_notes(machine or Machine(), notes, escaped=_escaped).split("\n")[:-1]
    if machine is not None and not machine:
        lines.append(f"{REMARK} {NO_TRANSITIONS.capitalize()}")
    return lines


def _escaped(remark: str) -> str:
    return f"\\{remark}" if MEANT.match(remark) else remark
