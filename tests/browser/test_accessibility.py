"""axe finds nothing serious on any page, light or dark."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import Visit
from .pages import PAGES

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_grave(name: str, visit: Visit) -> None:
    page = visit(name)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
        found = Axe().run(page).response["violations"]
        told = [
            f"{theme}: {each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in found
            if each["impact"] in GRAVE
            for node in each["nodes"]
        ]
        assert not told, "\n".join(told)
