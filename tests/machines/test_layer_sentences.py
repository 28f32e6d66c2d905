"""What machines are made of, told in plain English."""

from capabilities.machines.layer_sentences import (
    adopted,
    alike_sentence,
    layering,
    made_of_sentence,
    named,
    nearer_verdict,
    offer,
)
from capabilities.machines.layers import Drop
from capabilities.machines.machine import Key, Machine
from capabilities.machines.matching import Match

TITLES = {"a": "Run", "qa": "QA"}


def match(template: str | None, changes: int, *stages: str) -> Match:
    layer = tuple(Drop(Key("A", str(number))) for number in range(changes))
    return Match(template, stages, Machine(), layer)


def test_layers_are_told_with_their_overrides() -> None:
    assert layering(match("a", 0), TITLES) == "Run"
    assert layering(match("a", 2, "qa"), TITLES) == "Run + QA with 2 overrides"
    assert layering(match("a", 1), TITLES, overrides=3) == "Run with 3 overrides"
    assert layering(match("a", 1), TITLES, overrides=0) == "Run"
    assert layering(match(None, 1), TITLES) == "no machine template, with 1 line of its own"
    assert layering(match(None, 0, "qa"), TITLES) == "QA"


def test_a_group_names_its_machines_as_far_as_is_asked() -> None:
    assert (
        alike_sentence("ideal", ["a", "b"])
        == "2 ideal machines are equal up to their name: a and b."
    )
    assert alike_sentence("ideal", ["a", "b", "c"], most=2).endswith(": a, b and 1 more.")
    assert named(["a", "b"], most=2) == "a and b"


def made_of(present: Match, nearer: Match | None = None) -> str:
    others = [("QA", 4), ("Other", 5)]
    return made_of_sentence(
        "x current", present, TITLES, overrides=len(present.changes), nearer=nearer, others=others
    )


def test_a_machine_is_told_with_what_is_nearer_or_how_far_the_next_one_is() -> None:
    assert made_of(match("a", 0)) == "x current is Run."
    assert made_of(match("a", 3)) == (
        "x current is Run with 3 overrides; from QA it is 4 changes away."
    )
    assert made_of(match("a", 3), match("qa", 1)) == (
        "x current is Run with 3 overrides; the nearest is QA with 1 override."
    )
    assert made_of(match(None, 2)) == (
        "x current has no machine template, with 2 lines of its own; from QA it is 4 changes away."
    )


def test_an_offer_says_how_many_overrides_fewer() -> None:
    assert offer(match("a", 0), TITLES, fewer=4) == "Nearest: Run, exactly."
    assert offer(match("a", 1), TITLES, fewer=3) == "Nearest: Run with 1 override, 3 fewer."


def test_the_log_says_that_the_machine_is_the_same() -> None:
    assert adopted("x ideal", match("a", 1), TITLES) == (
        "x ideal adopted Run with 1 override; the effective machine is the same"
    )
    assert adopted("x ideal", match("a", 0), TITLES, of=2) == (
        "x ideal adopted Run, one of 2 machines at once; the effective machine is the same"
    )


def test_the_verdict_counts_what_could_be_nearer() -> None:
    assert nearer_verdict(0, 8) == "No machine could be nearer to a machine template."
    assert nearer_verdict(1, 1) == "1 of 1 machine could be nearer to a machine template."
