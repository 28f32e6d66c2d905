"""Sphinx itself builds the pages, every warning an error."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pygraphviz
import pytest

from capabilities.deployment.exports import sphinx_pages
from capabilities.deployment.machine_files import Named, sphinx_page
from capabilities.deployment.selection import Selection
from capabilities.machines.machine import NAME_LENGTH, Action, Machine, Transition
from tests.factories import NAMES, effective
from tests.strategies import NASTY_NAMES

INDEX = "Index\n=====\n\n.. toctree::\n   :glob:\n\n   capabilities/*\n"

Build = Callable[[dict[str, str]], subprocess.CompletedProcess[str]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Builds pages below a globbed table of contents; the result is in `out/`."""

    def built(pages: dict[str, str]) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "capabilities"
        folder.mkdir()
        (tmp_path / "conf.py").write_text('extensions = ["sphinx.ext.graphviz"]\n')
        (tmp_path / "index.rst").write_text(INDEX)
        for name, page in pages.items():
            (folder / name).write_text(page, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "xml", tmp_path, tmp_path / "out"],
            capture_output=True,
            text=True,
            check=False,
        )

    return built


def read(path: Path) -> list[tuple[str, str, Machine, str]]:
    """What Sphinx has made of a page: title, heading, machine and DOT of each section."""
    page = ET.parse(path).getroot().find("section")  # noqa: S314 - ours
    assert page is not None
    return [
        (
            page.findtext("title/literal", ""),
            section.findtext("title", ""),
            _machine(section),
            _dot(section),
        )
        for section in page.findall("section")
    ]


def _machine(section: ET.Element) -> Machine:
    found = []
    for row in section.iterfind(".//tbody/row"):
        source, event, actions, target = row.findall("entry")
        lines = actions.findall(".//line") or actions.findall("paragraph")
        found.append(
            Transition(
                source.findtext(".//literal", ""),
                event.findtext(".//literal", ""),
                tuple(
                    Action(*[each.text or "" for each in line.findall("literal")])
                    for line in lines
                    if line.find("literal") is not None
                ),
                target.findtext(".//literal", ""),
            )
        )
    return Machine(tuple(found))


def _dot(section: ET.Element) -> str:
    picture = section.find("graphviz")
    return "" if picture is None else picture.get("code", "")


def test_the_seed_s_pages_are_built(seed: object, build: Build, tmp_path: Path) -> None:
    pages = {name: str(page) for name, page in sphinx_pages(Selection()).items()}
    assert list(pages) == [f"{name}.rst" for name in NAMES]
    ran = build(pages)
    assert (ran.returncode, ran.stderr) == (0, "")
    for name in NAMES:
        found = read(tmp_path / "out" / "capabilities" / f"{name}.xml")
        for title, heading, machine, dot in found:
            assert title == name
            assert machine == effective(name, heading.lower())
            drawn = pygraphviz.AGraph(string=dot)
            assert (len(drawn.nodes()), len(drawn.edges())) == (len(machine.states), len(machine))
    index = (tmp_path / "out" / "index.xml").read_text()
    assert all(f"capabilities/{name}" in index for name in NAMES)


def nasty_machine(name: str) -> Machine:
    """A machine of a name, and of it before every other: one build is of all of them."""
    together = dict.fromkeys(f"{name}{other}"[:NAME_LENGTH].strip() for other in NASTY_NAMES)
    bare = "".join(name.split())
    return Machine(
        tuple(
            Transition(name, each, (Action("Say", each), Action(f"Do{bare}"[:NAME_LENGTH])), each)
            for each in together
        )
    )


def test_every_name_comes_through(build: Build, tmp_path: Path) -> None:
    found = [nasty_machine(name) for name in NASTY_NAMES]
    pages = {
        f"{number}.rst": sphinx_page(name, [Named(name, "current", machine)])
        for number, (name, machine) in enumerate(zip(NASTY_NAMES, found, strict=True))
    }
    ran = build(pages)
    assert (ran.returncode, ran.stderr) == (0, "")
    for number, (name, machine) in enumerate(zip(NASTY_NAMES, found, strict=True)):
        ((title, heading, built, dot),) = read(tmp_path / "out" / "capabilities" / f"{number}.xml")
        assert (title, heading, built) == (name, "Current", machine)
        assert len(pygraphviz.AGraph(string=dot).edges()) == len(machine)


def test_a_machine_without_transitions_is_a_page(build: Build, tmp_path: Path) -> None:
    ran = build({"empty.rst": sphinx_page("empty", [Named("empty", "current", Machine())])})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "No transitions." in (tmp_path / "out" / "capabilities" / "empty.xml").read_text()


WRONG = {
    "untitled": "no title, so that no table of contents can name it\n",
    "unescaped": "`null\n=====\n",
    "unfinished": "null\n====\n\n.. graphviz::\n",
    "unknown": "null\n====\n\n.. list-table::\n\n   * - `x`_\n",
}


def test_what_is_no_page_is_refused(build: Build) -> None:
    ran = build({f"{name}.rst": text for name, text in WRONG.items()})
    assert ran.returncode != 0
    assert all(f"capabilities/{name}" in ran.stderr for name in WRONG)
