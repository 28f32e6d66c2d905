"""Differences told in plain English."""

import pytest
from hypothesis import given

from capabilities.machines.diff import Kind, diff
from capabilities.machines.machine import Machine
from capabilities.machines.notation import parse
from capabilities.machines.sentences import (
    all_sentences,
    count,
    difference_sentences,
    headline,
    listed,
    verdict,
)
from tests.strategies import close_machines

OLD = """\
[A] - <go> {Run x} -> [B]
[B] - <ok> {Say done} {Mail ok} -> [C]
[B] - <no> {no action} -> [D]
[C] - <end> {Log} -> [D]
"""


def told(new: str) -> list[str]:
    return all_sentences(diff(parse(OLD), parse(new)))


def test_two_equal_machines_are_the_same() -> None:
    assert verdict((), old="The current machine", new="The ideal machine") == (
        "The current machine and the ideal machine are the same."
    )
    assert verdict((), old="a.txt", new="The-b.txt") == "a.txt and The-b.txt are the same."


def test_the_verdict_counts_each_kind_of_difference() -> None:
    new = (
        "[A] - <go> {Run y} -> [B]\n[C] - <end> {Log} -> [D]\n[B] - <no> {no action} -> [D]\n"
        "[D] - <x> {no action} -> [A]\n[D] - <y> {no action} -> [A]\n"
    )
    assert verdict(
        diff(parse(OLD), parse(new)), old="The current machine", new="The ideal machine"
    ) == (
        "From the current machine to the ideal machine, 1 transition is changed, "
        "2 transitions are added, 1 transition is removed and 1 transition is moved."
    )


def test_a_verdict_on_files_keeps_their_names() -> None:
    found = diff(Machine(), parse(OLD))
    assert verdict(found, old="a.txt", new="b.txt") == (
        "From a.txt to b.txt, 4 transitions are added."
    )


def test_an_added_transition_is_told_with_what_it_does() -> None:
    assert told(f"{OLD}[D] - <x> {{Say bye}} {{Log}} -> [A]\n[D] - <y> {{no action}} -> [D]\n") == [
        "[D] - <x> is added: {Say bye} {Log}, then [A].",
        "[D] - <y> is added: no action, then [D].",
    ]


def test_a_removed_transition_is_told_with_what_it_did() -> None:
    assert told("[A] - <go> {Run x} -> [B]\n[C] - <end> {Log} -> [D]\n") == [
        "[B] - <ok> is removed; it did this: {Say done} {Mail ok}, then [C].",
        "[B] - <no> is removed; it did this: no action, then [D].",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("{Run x}", "{Run x} {Log}", ["[A] - <go> now also does {Log}."]),
        ("{Run x}", "{no action}", ["[A] - <go> no longer does {Run x}."]),
        ("{Run x}", "{Run y}", ["[A] - <go> does {Run y} instead of {Run x}."]),
        (
            "{Say done} {Mail ok}",
            "{Mail ok} {Say done}",
            ["[B] - <ok> does {Say done} at another place in the order."],
        ),
        ("{Mail ok} -> [C]", "{Mail ok} -> [A]", ["[B] - <ok> leads to [A] instead of [C]."]),
        (
            "{Say done} {Mail ok} -> [C]",
            "{AskQa} {Mail ok} -> [Q]",
            [
                "[B] - <ok> no longer does {Say done}.",
                "[B] - <ok> now also does {AskQa}.",
                "[B] - <ok> leads to [Q] instead of [C].",
            ],
        ),
    ],
)
def test_each_thing_that_became_of_a_transition_is_a_sentence(
    old: str, new: str, sentences: list[str]
) -> None:
    assert OLD.count(old) == 1
    assert told(OLD.replace(old, new)) == sentences


def test_a_transition_that_moved_is_told_and_whatever_else_became_of_it_before() -> None:
    first, *rest = OLD.splitlines(keepends=True)
    assert told("".join([*rest, first])) == ["[A] - <go> stands at another place in the order."]
    assert told("".join([*rest, first.replace("{Run x}", "{Run}")])) == [
        "[A] - <go> does {Run} instead of {Run x}.",
        "[A] - <go> stands at another place in the order.",
    ]


def test_parts_are_listed_as_in_english() -> None:
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_one_is_singular_and_none_is_plural() -> None:
    assert [count(number, "note") for number in (0, 1, 2)] == ["0 notes", "1 note", "2 notes"]


@given(close_machines, close_machines)
def test_every_difference_is_told_in_sentences(old: Machine, new: Machine) -> None:
    for difference in diff(old, new):
        sentences = difference_sentences(difference)
        assert sentences
        assert all(each.startswith(str(difference.key)) for each in sentences)
        assert all(each.endswith(".") for each in sentences)
        assert len(set(sentences)) >= 1 + (difference.moved and difference.kind is Kind.CHANGED)


def test_a_headline_says_what_the_one_thing_is() -> None:
    new = OLD.replace("{Mail ok}", "{Mail done}")
    names = {"old": "The current machine", "new": "The ideal machine"}
    assert headline(diff(parse(OLD), parse(new)), **names) == (
        "From the current machine to the ideal machine, one thing changes: "
        "[B] - <ok> does {Mail done} instead of {Mail ok}."
    )
    for both in ((), diff(parse(OLD), parse(new.replace("{Log}", "{Tell}")))):
        assert headline(both, **names) == verdict(both, **names)
