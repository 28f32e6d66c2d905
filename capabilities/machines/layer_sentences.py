"""What machines are made of and could be made of, in plain English; deterministic.

`titles` are those of the machine templates, by the names that a match has.
"""

from collections.abc import Mapping, Sequence

from .matching import Match
from .sentences import count, listed

Titles = Mapping[str, str]


def alike_sentence(kind: str, names: Sequence[str], *, most: int | None = None) -> str:
    """ "2 current machines are equal up to their name: a and b." It names no more than `most`."""
    machines = count(len(names), f"{kind} machine")
    return f"{machines} are equal up to their name: {named(names, most=most)}."


def named(names: Sequence[str], *, most: int | None = None) -> str:
    """ "a, b and c", or "a, b and 1 more" where there are more than `most`."""
    if most is None or len(names) <= most:
        return listed(names)
    return listed([*names[:most], f"{len(names) - most} more"])


def bases_title(template: str | None, stages: Sequence[str], titles: Titles) -> str:
    """What lies beneath the overrides: "A + B", or "no machine template"."""
    parts = [titles[slug] for slug in (template, *stages) if slug]
    return " + ".join(parts) or "no machine template"


def layering(match: Match, titles: Titles, *, overrides: int | None = None) -> str:
    """ "A + B with 3 overrides"; `overrides` are as many as are stored, if not the fewest."""
    number = len(match.changes) if overrides is None else overrides
    base = bases_title(match.template, match.stages, titles)
    if match.template is None and not match.stages:
        return f"{base}, with {count(number, 'line')} of its own"
    return f"{base} with {count(number, 'override')}" if number else base


def made_of_sentence(
    name: str,
    present: Match,
    titles: Titles,
    *,
    overrides: int,
    nearer: Match | None,
    others: Sequence[tuple[str, int]],
) -> str:
    """What a machine is, and either what is nearer or how far the nearest of the others is.

    `others` are the titles of other machine templates and how many changes away it is from each.
    """
    verb = "has" if present.template is None and not present.stages else "is"
    told = f"{name} {verb} {layering(present, titles, overrides=overrides)}"
    if nearer:
        return f"{told}; the nearest is {layering(nearer, titles)}."
    if present.changes and others:
        title, changes = others[0]
        return f"{told}; from {title} it is {count(changes, 'change')} away."
    return f"{told}."


def nearer_verdict(near: int, machines: int) -> str:
    """How many of so many machines could be nearer to a machine template."""
    if not near:
        return "No machine could be nearer to a machine template."
    return f"{near} of {count(machines, 'machine')} could be nearer to a machine template."


def offer(nearer: Match, titles: Titles, *, fewer: int) -> str:
    """ "Nearest: A with 1 override, 3 fewer." """
    told = layering(nearer, titles)
    return f"Nearest: {told}, {fewer} fewer." if nearer.changes else f"Nearest: {told}, exactly."


def adopted(name: str, match: Match, titles: Titles, *, of: int = 1) -> str:
    """What the log says of a machine that is made of other layers now, one `of` so many."""
    at_once = f", one of {count(of, 'machine')} at once" if of > 1 else ""
    return f"{name} adopted {layering(match, titles)}{at_once}; the effective machine is the same"
