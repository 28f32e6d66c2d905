"""Diagrams: the DOT text, the SVG that stands in a page, and layouts that take too long."""

import os
import signal
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pygraphviz
import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from capabilities import drawing
from capabilities.drawing import STYLES, dot, draw, svg_for_page
from capabilities.machines.diagram import Side, diagram
from capabilities.machines.diff import Kind
from capabilities.machines.machine import Key, Machine, Transition
from capabilities.machines.notation import parse
from capabilities.machines.union import Union

from .html import read
from .people import VIEWER, client_of

SVG = "{http://www.w3.org/2000/svg}"
SIMPLE = """\
[Start] - <capability-submitted> {QueueWorkflow (workflow_name)} -> [Queued]
[Queued] - <resume> {ExecuteWorkflow (workflow_name)} -> [Executing]
[Executing] - <workflow-complete> {SendMessage execution_complete} -> [Complete]
[Executing] - <workflow-failed> {no action} -> [Failed]
"""
HEAD = """\
digraph {
	graph [bgcolor=transparent rankdir=TB]
	node [fontname="Helvetica,Arial,sans-serif" fontsize=13 shape=box style=rounded]
	edge [arrowsize=0.8 fontname="Helvetica,Arial,sans-serif" fontsize=11]
"""
SIMPLE_DOT = (
    HEAD
    + """\
	s1 [label="  Start  " class=initial id=s1 penwidth=2.5]
	s2 [label="  Queued  " id=s2]
	s3 [label="  Executing  " id=s3]
	s4 [label="  Complete  " class=final id=s4 peripheries=2]
	s5 [label="  Failed  " class=final id=s5 peripheries=2]
	s1 -> s2 [label="  capability-submitted  
  {QueueWorkflow (workflow_name)}  " class=same id=t1]
	s2 -> s3 [label="  resume  
  {ExecuteWorkflow (workflow_name)}  " class=same id=t2]
	s3 -> s4 [label="  workflow-complete  
  {SendMessage execution_complete}  " class=same id=t3]
	s3 -> s5 [label="  workflow-failed  " class=same id=t4]
}
"""  # noqa: W291
)
HOSTILE_DOT = (
    HEAD
    + r"""	s1 [label="  <qa-fail>  " class=initial id=s1 penwidth=2.5]
	s2 [label="  QA: pending  " id=s2]
	s3 [label="  say \"hi\"  " class=final id=s3 peripheries=2]
	s1 -> s2 [label="  \\N  
  {node null}  " class=same id=t1]
	s2 -> s3 [label="  &amp;lt;b&amp;gt;  
  {a b\\\\\\\\}  " class=same id=t2]
}
"""  # noqa: W291
)
HOSTILE_NAMES = (
    *("<qa-fail>", "QA: pending", "node", "null", "graph", "edge", "digraph", "subgraph", "strict"),
    *('say "hi"', "it's", "back\\slash", "\\N", "\\G \\E \\l", "ends with \\", "\\\\", '\\"'),
    *("<b>x</b>", "<", ">", "<<table>>", "&lt;b&gt;", "&amp;", "&#60;", "a & b", "%s", "{x|y}"),
    *("a->b", "a--b", "s1", "t1", "-1", "1e3", "//", "/* x */", "# x", ";", "状態", "🛑", "é"),
    *("<!--", "]]>", "<svg onload=alert(1)>", "javascript:alert(1)", "{{ 7 }}", "=1+1"),
)


def chain(length: int) -> Machine:
    """States in a row, each with a failure into one shared state: the slowest to lay out."""
    steps = []
    for number in range(length):
        steps.append(Transition(f"S{number}", "ok", (), f"S{number + 1}"))
        steps.append(Transition(f"S{number}", "failed", (), "Failed"))
    return Machine(tuple(steps))


def ring(names: tuple[str, ...]) -> Machine:
    """Every name as a state and as an event."""
    following = (*names[1:], names[0])
    return Machine(tuple(Transition(a, a, (), b) for a, b in zip(names, following, strict=True)))


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def read_back(label: str) -> str:
    """What a label of DOT shows: its escapes and entities taken back."""
    return label.replace("\\\\", "\\").replace("&amp;", "&").strip()


def page_svg(machine: Machine) -> ET.Element:
    drawn = draw(diagram(machine))
    assert drawn
    return ET.fromstring(for_page(machine, drawn.content))  # noqa: S314 - our own


def for_page(machine: Machine, content: bytes) -> str:
    return svg_for_page(
        diagram(machine),
        content,
        name="A <name>",
        prefix="here",
        link=lambda edge: f"#row-{edge.number}",
    )


# -- DOT


def test_a_machine_is_this_text_of_dot() -> None:
    assert dot(diagram(parse(SIMPLE))) == SIMPLE_DOT


def test_names_that_mean_something_in_dot_are_only_labels() -> None:
    machine = parse(
        r"""
[<qa-fail>] - <\\N> {node null} -> [QA: pending]
[QA: pending] - <&lt;b&gt;> {a b\\\\} -> [say "hi"]
"""
    )
    assert dot(diagram(machine)) == HOSTILE_DOT


def test_dot_has_a_node_for_each_state_and_labels_that_read_back_as_the_names() -> None:
    graph = pygraphviz.AGraph(string=dot(diagram(ring(HOSTILE_NAMES))))
    nodes = [graph.get_node(f"s{n}") for n in range(1, len(HOSTILE_NAMES) + 1)]
    assert len(graph.nodes()) == len(HOSTILE_NAMES)
    assert [read_back(node.attr["label"]) for node in nodes] == list(HOSTILE_NAMES)
    edges = sorted(graph.edges(), key=lambda edge: int(edge.attr["id"][1:]))
    assert [read_back(edge.attr["label"]) for edge in edges] == list(HOSTILE_NAMES)
    assert not [edge for edge in edges if edge.attr["headport"] or edge.attr["tailport"]]


def test_a_picture_shows_the_names_as_they_are() -> None:
    svg = page_svg(ring(HOSTILE_NAMES))
    shown = {
        "".join(text.itertext()).replace("\u00a0", " ").strip() for text in svg.iter(f"{SVG}text")
    }
    assert set(HOSTILE_NAMES) <= shown


def test_a_long_name_is_cut_in_the_picture_and_whole_in_its_title() -> None:
    name = "x" * 200
    machine = Machine((Transition(name, "e", (), "B"),))
    assert f'label="  {"x" * 59}…  "' in dot(diagram(machine))
    titles = ["".join(each.itertext()) for each in page_svg(machine).iter(f"{SVG}title")]
    assert f"state {name} (initial)" in titles


def test_a_difference_has_a_sign_and_a_style() -> None:
    machine = parse(SIMPLE)
    kinds = {
        Key("Start", "capability-submitted"): Kind.ADDED,
        Key("Queued", "resume"): Kind.REMOVED,
        Key("Executing", "workflow-complete"): Kind.CHANGED,
        Key("Executing", "workflow-failed"): Kind.MOVED,
    }
    text = dot(diagram(machine, kinds))
    assert 'label="  + capability-submitted' in text
    assert 'class=added color="#17622d" fontcolor="#17622d" id=t1 penwidth=2.5]' in text
    assert 'label="  − resume' in text
    assert 'class=removed color="#a3211d" fontcolor="#a3211d" id=t2 style=dashed]' in text
    assert 'label="  ~ workflow-complete' in text
    assert 'fontcolor="#7a4a00" id=t3 penwidth=2.5 style=bold]' in text
    assert 'label="  ↕ workflow-failed  " class=moved color="#593a9e"' in text
    assert "id=t4 style=bold]" in text


def test_the_compact_style_draws_a_final_state_for_each_transition_into_it() -> None:
    graph = pygraphviz.AGraph(string=dot(diagram(chain(3)), STYLES[-1]))
    failed = [node for node in graph.nodes() if "Failed" in node.attr["label"]]
    assert len(failed) == 3
    assert len({node.attr["id"] for node in failed}) == 3
    assert all(len(graph.in_edges(node)) == 1 for node in failed)
    assert all(node.attr["peripheries"] == "2" for node in failed)
    assert len(graph.edges()) == 6


# -- SVG


def test_only_known_elements_and_attributes_come_through() -> None:
    svg = page_svg(ring(HOSTILE_NAMES))
    tags = {str(element.tag).removeprefix(SVG) for element in svg.iter()}
    assert tags == {"svg", "g", "a", "title", "path", "polygon", "text"}
    names = {name for element in svg.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name == "style" or "{" in name]
    assert names <= drawing._ATTRIBUTES | {"href", "tabindex", "data-row", "role", "aria-label"}


def test_whatever_the_renderer_writes_is_held_to_the_list() -> None:
    machine = parse("[A] - <e> {no action} -> [B]")
    drawn = draw(diagram(machine))
    assert drawn
    evil = drawn.content.decode().replace(
        "</svg>",
        '<script>alert(1)</script><g id="s1"><image href="http://x.example/"/>'
        '<a href="javascript:alert(1)"><text onclick="x()" style="x">t</text></a>'
        "<foreignObject><p>p</p></foreignObject><!-- c --></g></svg>",
    )
    text = for_page(machine, evil.encode())
    for part in (
        "script",
        "alert",
        "image",
        "onclick",
        "style",
        "foreignObject",
        "x.example",
        "--",
    ):
        assert part not in text


def test_ids_begin_with_the_prefix_and_links_lead_to_fragments() -> None:
    svg = page_svg(parse(SIMPLE))
    ids = [element.get("id") for element in svg.iter() if element.get("id")]
    assert ids == [
        f"here-{each}" for each in ("s1", "s2", "t1", "s3", "t2", "s4", "t3", "s5", "t4")
    ]
    links = [element.get("href") for element in svg.iter(f"{SVG}a")]
    assert links == [f"#row-{number}" for number in (1, 2, 1, 3, 2, 3, 3, 4, 4)]
    assert {element.get("tabindex") for element in svg.iter(f"{SVG}a")} == {"-1"}


def test_every_state_and_transition_has_a_title_in_words_and_the_picture_a_name() -> None:
    svg = page_svg(ring(("<a>", "&amp;")))
    assert svg.get("aria-label") == "A <name>"
    titles = ["".join(title.itertext()) for title in svg.iter(f"{SVG}title")]
    assert sorted(titles) == sorted(
        [
            "state <a> (initial)",
            "state &amp;",
            "transition 1: [<a>] - <<a>>",
            "transition 2: [&amp;] - <&amp;>",
        ]
    )


def test_the_label_of_a_loop_is_over_the_lines_that_pass_by() -> None:
    svg = page_svg(parse("[A] - <again> {X} -> [A]\n[A] - <go> {no action} -> [B]\n"))
    ids = [element.get("id") for element in svg.iter() if element.get("id")]
    assert ids == ["here-s1", "here-s2", "here-t2", "here-t1"]


def test_a_compact_picture_links_each_copy_of_a_final_state() -> None:
    machine = chain(3)
    compact = dot(diagram(machine), STYLES[-1])
    content = pygraphviz.AGraph(string=compact).draw(format="svg", prog="dot")
    text = for_page(machine, content)
    assert text.count("<title>state Failed (final)</title>") == 3


def test_the_same_machine_gives_the_same_bytes() -> None:
    for form in ("svg", "png"):
        first = draw(diagram(parse(SIMPLE)), form)
        cache.clear()
        drawing.stop()
        assert draw(diagram(parse(SIMPLE)), form) == first
        assert first
        assert first.style == "full"


def test_what_was_drawn_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    first = draw(diagram(parse(SIMPLE)))
    monkeypatch.setattr(drawing, "_pool", lambda: pytest.fail("it was drawn again"))
    assert draw(diagram(parse(SIMPLE))) == first


# -- two machines in one picture

OTHER = """\
[Begin] - <first> {no action} -> [Start]
[Start] - <capability-submitted> {QueueWorkflow (workflow_name)} -> [Queued]
[Queued] - <resume> {Log} {ExecuteWorkflow (workflow_name)} -> [Executing]
[Executing] - <workflow-complete> {SendMessage execution_complete} -> [Checking]
[Checking] - <again> {no action} -> [Failed]
[Failed] - <mend> {no action} -> [Executing]
"""


def side_svg(union: Union, side: Side, style: drawing.Style = STYLES[0]) -> ET.Element:
    content = pygraphviz.AGraph(string=dot(union.diagram, style)).draw(format="svg", prog="dot")
    text = svg_for_page(
        union.diagram, content, name="n", prefix="p", link=lambda edge: "#x", side=side
    )
    return ET.fromstring(text)  # noqa: S314 - our own


def groups(svg: ET.Element, kind: str) -> dict[str, ET.Element]:
    return {
        each.get("id", ""): each
        for each in svg.iter(f"{SVG}g")
        if kind in each.get("class", "").split()
    }


def lines_of_text(group: ET.Element) -> list[str]:
    texts = group.iter(f"{SVG}text")
    return ["".join(each.itertext()).replace("\u00a0", " ").strip() for each in texts]


def shape(group: ET.Element) -> str:
    """Where a state stands: its inner line."""
    return group.findall(f".//{SVG}path")[0].get("d", "")


HOSTILE_OTHER = tuple(reversed(HOSTILE_NAMES))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (parse(SIMPLE), parse(OTHER)),
        (parse(OTHER), parse(SIMPLE)),
        (parse(SIMPLE), Machine()),
        (ring(HOSTILE_NAMES), ring(HOSTILE_OTHER)),
    ],
)
def test_a_state_of_both_stands_at_the_same_place_in_either_alone(
    old: Machine, new: Machine, style: drawing.Style
) -> None:
    union = Union(old, new)
    both = groups(side_svg(union, Side.BOTH, style), "node")
    states = {f"p-{node.id}": node for node in union.diagram.nodes}
    for side, machine in ((Side.OLD, old), (Side.NEW, new)):
        svg = side_svg(union, side, style)
        alone = groups(svg, "node")
        found = {states[f"p-{drawing._state(id_[2:])}"].state for id_ in alone}
        assert found == set(machine.states)
        assert {id_: shape(group) for id_, group in alone.items()}.items() <= {
            id_: shape(group) for id_, group in both.items()
        }.items()
        assert len(groups(svg, "edge")) == len(machine)
        assert svg.get("viewBox") == side_svg(union, Side.BOTH, style).get("viewBox")


def test_a_side_alone_has_its_own_actions_in_its_own_order() -> None:
    old = parse("[A] - <e> {X} {Y} {Z a} -> [A]")
    new = parse("[A] - <e> {Y} {X} {Z b} -> [A]")
    found = {
        side: lines_of_text(groups(side_svg(Union(old, new), side), "edge")["p-t1"])
        for side in Side
    }
    assert found[Side.BOTH] == ["~ changed e", "{Y}", "↕ {X}", "− {Z a}", "+ {Z b}"]
    assert found[Side.OLD] == ["~ changed e", "↕ {X}", "{Y}", "− {Z a}"]
    assert found[Side.NEW] == ["~ changed e", "{Y}", "↕ {X}", "+ {Z b}"]


def test_a_line_of_one_side_has_a_class_of_its_own() -> None:
    union = Union(parse("[A] - <e> {X} -> [A]"), parse("[A] - <e> {Y} -> [A]"))
    edge = groups(side_svg(union, Side.BOTH), "edge")["p-t1"]
    assert [each.get("class") for each in edge.iter(f"{SVG}text")] == [None, "old", "new"]


def test_a_state_that_is_final_or_initial_on_one_side_is_drawn_so_on_that_side() -> None:
    union = Union(parse(SIMPLE), parse(OTHER))
    ids = {node.state: f"p-{node.id}" for node in union.diagram.nodes}

    def drawn(state: str, side: Side) -> list[str | None]:
        group = groups(side_svg(union, side), "node")[ids[state]]
        paths = [each for each in group.iter(f"{SVG}path") if each.get("class") != "hit"]
        return [each.get("stroke-width") for each in paths]

    assert drawn("Failed", Side.BOTH) == drawn("Failed", Side.OLD) == [None, None]
    assert drawn("Failed", Side.NEW) == [None]
    assert drawn("Start", Side.OLD) == ["2.5"]
    assert drawn("Start", Side.NEW) == [None]


def test_the_union_picture_has_a_line_style_and_a_colour_for_each_kind() -> None:
    text = dot(Union(parse(SIMPLE), parse(OTHER)).diagram)
    assert 'class="initial added" color="#17622d"' in text
    assert 'label="  ↳ retargeted (old) workflow-complete' in text
    assert "id=t4t0 style=dashed]" in text
    assert "id=t4 penwidth=2.5]" in text
    assert 'class="final removed" color="#a3211d" fontcolor="#a3211d"' in text
    assert 'style="rounded,dashed"]' in text


def test_the_union_picture_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    union = Union(parse(SIMPLE), parse(OTHER))
    first = draw(union.diagram)
    assert first
    monkeypatch.setattr(drawing, "_pool", lambda: pytest.fail("it was drawn again"))
    assert draw(Union(parse(SIMPLE), parse(OTHER)).diagram) == first


# -- too slow, or not at all


def test_a_layout_that_takes_too_long_is_stopped_and_a_simpler_picture_comes(
    settings: Settings,
) -> None:
    draw(diagram(parse(SIMPLE)))  # the worker is there
    settings.DIAGRAM_SECONDS = 1.0
    began = time.monotonic()
    drawn = draw(diagram(chain(100)))
    took = time.monotonic() - began
    assert took < 8
    assert drawn
    assert drawn.style in ("simplified", "compact")
    cache.clear()
    assert draw(diagram(parse(SIMPLE)))  # the next one is answered


def test_when_no_picture_comes_in_time_there_is_none_and_that_is_remembered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DIAGRAM_SECONDS = 0.3
    monkeypatch.setattr(drawing, "STYLES", (STYLES[0], STYLES[0]))
    began = time.monotonic()
    assert draw(diagram(chain(100))) is None
    assert time.monotonic() - began < 5  # two attempts of 0.3 s, and two new workers
    monkeypatch.setattr(drawing, "_pool", lambda: pytest.fail("it was tried again"))
    assert draw(diagram(chain(100))) is None


def test_a_diagram_that_waited_for_others_in_vain_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(diagram(parse("[A] - <e> {no action} -> [B]")))  # the worker is there
    settings.DIAGRAM_SECONDS = 2.0
    monkeypatch.setattr(drawing, "STYLES", STYLES[:1])
    slow = threading.Thread(target=draw, args=[diagram(chain(150))])
    slow.start()
    time.sleep(0.5)
    monkeypatch.setattr(drawing, "_WAIT", 0.2)
    assert draw(diagram(parse(SIMPLE))) is None
    slow.join(timeout=20)
    assert not slow.is_alive()
    monkeypatch.undo()
    drawn = draw(diagram(parse(SIMPLE)))
    assert drawn
    assert drawn.style == "full"


def test_an_answer_comes_within_its_time_whatever_one_attempt_may_take(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(diagram(parse(SIMPLE)))
    settings.DIAGRAM_SECONDS = 60.0
    monkeypatch.setattr(drawing, "_WAIT", 1.0)
    monkeypatch.setattr(drawing, "STYLES", (STYLES[0],) * 3)
    began = time.monotonic()
    assert draw(diagram(chain(150))) is None
    assert time.monotonic() - began < 3
    monkeypatch.undo()
    cache.clear()
    assert draw(diagram(parse(SIMPLE)))


@pytest.mark.parametrize("error", [RuntimeError, OSError, ImportError, MemoryError, ValueError])
def test_a_renderer_that_is_out_of_order_leaves_the_page_with_its_table(
    seed: object,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        raise error("no dot at /usr/bin/dot")

    client = client_of(VIEWER)
    monkeypatch.setattr(drawing, "_pool", fail)
    for url in (
        "/capabilities/std_calibration/",
        "/capabilities/std_calibration/current/",
        "/capabilities/std_calibration/current/diagram/",
        "/machine-templates/",
        "/log/1/",
        "/compare/?old=capability/null/current&new=capability/std_calibration/ideal",
    ):
        response = client.get(url)
        assert response.status_code == 200
        assert b"/usr/bin/dot" not in response.content
    tree = read(client.get("/capabilities/std_calibration/current/"))
    assert tree.one(id="diagram").says("too large to be drawn in time. The table says the same.")
    assert len(tree.one("table", class_="transitions").one("tbody").all("tr")) == 6
    assert "The renderer is out of order." in caplog.text
    for stem in ("current", "differences"):
        assert client.get(f"/capabilities/std_calibration/{stem}.svg").status_code == 404
    monkeypatch.undo()
    assert draw(diagram(parse(SIMPLE)))  # it is tried anew


@pytest.mark.parametrize("style", ["simplified", "compact"])
def test_the_page_says_how_a_large_machine_is_drawn(
    seed: object, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = draw(diagram(parse(SIMPLE)))
    assert real
    told = {"simplified": "with straight lines", "compact": "each final state stands once"}
    monkeypatch.setattr(
        "capabilities.views.panes.draw", lambda _: drawing.Drawing(real.content, style)
    )
    client: Client = client_of(VIEWER)
    tree = read(client.get("/capabilities/null/current/diagram/"))
    assert tree.one("figcaption").says(told[style])


def test_a_worker_that_dies_costs_one_diagram_at_most() -> None:
    draw(diagram(parse(SIMPLE)))
    (pool,) = drawing._pools
    for pid in list(pool._pool_manager.worker_manager.workers):
        os.kill(pid, signal.SIGKILL)
    cache.clear()
    draw(diagram(parse(SIMPLE)))
    assert draw(diagram(parse(SIMPLE)))
