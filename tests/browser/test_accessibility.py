"""axe finds nothing serious on any page, light or dark."""

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from .conftest import Visit
from .pages import PAGES

ALL: dict[str, Any] = {"resultTypes": ["violations"]}
OF_COLOURS = {
    **ALL,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
THEMES: tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...] = (
    ("light", ALL),
    ("dark", OF_COLOURS),  # nothing else is another one there
)
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_grave(name: str, visit: Visit) -> None:
    page = visit(name)
    page.evaluate(AXE_SCRIPT)
    for theme, rules in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
        found = page.evaluate("rules => axe.run(rules).then(({violations}) => violations)", rules)
        told = [
            f"{theme}: {each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found
            if each["impact"] in GRAVE
            for node in each["nodes"]
        ]
        assert not told, "\n".join(told)
