"""Which known name was meant by one that is not known, and what in it cannot be seen."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from ..machine import Action
from .lookalikes import folded, odd_characters, shape_of


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant by `name`, or "".

    Case, hyphens, underscores, spaces and letters that look alike aside, at most two letters may be
    wrong: one letter for every four, so that short names are not taken for each other.
    """
    names = sorted(known)
    for candidate in names:
        if odd_characters(name, candidate):
            return candidate
    bare = _bare(name)
    best, best_distance = "", 3
    for candidate in names:
        limit = min(2, max(len(bare), len(_bare(candidate))) // 4, best_distance - 1)
        distance = _distance(bare, _bare(candidate), limit)
        if distance <= limit:
            best, best_distance = candidate, distance
    return best


def near_capability(name: str, known: Iterable[str]) -> str:
    """The known capability that a new one's name is probably a slip of, or "".

    Names that only differ in their numbers are different on purpose.
    """
    others = (each for each in known if each != name and not _are_numbered(name, each))
    return nearest(name, others)


MOST_STEMS = 500
"""So many names that differ by more than their numbers are compared with each other."""


def near_capabilities(new: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each new capability and what `near_capability` says of it: of those known and new before.

    Of many, only those that can be near are compared. Raises ValueError for more than MOST_STEMS.
    """
    stems: dict[str, list[str]] = defaultdict(list)
    shapes: dict[str, list[str]] = defaultdict(list)
    bares: dict[str, list[str]] = defaultdict(list)

    def keep(name: str) -> None:
        stems[_without_digits(name)].append(name)
        shapes[shape_of(name)].append(name)
        bares[_bare(name)].append(name)

    for name in known:
        keep(name)
    for name in new:
        stem = _without_digits(name)
        if len(stems) > MOST_STEMS:
            raise ValueError(f"more than {MOST_STEMS} names")
        # Names as near as `nearest` takes are as near without their digits.
        near = (each for each in stems if each != stem and _distance(stem, each, 2) <= 2)
        others = {other for each in near for other in stems[each]}
        others.update(shapes[shape_of(name)], bares[_bare(name)])
        if meant := near_capability(name, others):
            yield name, meant
        keep(name)


def _are_numbered(one: str, other: str) -> bool:
    same = _without_digits(one) == _without_digits(other)
    return same and _bare(one) != _bare(other)


def _without_digits(name: str) -> str:
    return "".join(character for character in _bare(name) if not character.isdecimal())


def told_nearest(name: str, meant: str) -> str:
    """How a sentence about an unknown name ends: with the known one, if one was meant."""
    odd = odd_characters(name, meant) if meant else ()
    if odd:
        shown = ", ".join(_described(character) for character in odd[:3])
        more = f" and {len(odd) - 3} more" if len(odd) > 3 else ""
        return f"; it only looks like “{meant}”: it has {shown}{more}."
    return f"; did you mean “{meant}”?" if meant else "."


def _described(character: str) -> str:
    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} {name}"


def has_many_names(action: Action, known: Collection[str]) -> bool:
    """Whether an argument is several names where one is taken, not one name with a space in it."""
    return (
        len(action.argument.split()) > 1
        and not action.parameters
        and action.argument not in known
        and not nearest(action.argument, known)
    )


def _bare(name: str) -> str:
    return "".join(character for character in folded(name) if character not in "-_ ")


def _distance(one: str, other: str, limit: int) -> int:
    """Letters to add, leave out, replace or swap to make one of the other; over `limit`: more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    previous: list[int] = []
    current = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, previous, current = previous, current, [i]
        for j, letter_of_other in enumerate(other, start=1):
            cost = min(
                previous[j] + 1,
                current[j - 1] + 1,
                previous[j - 1] + (letter != letter_of_other),
            )
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter_of_other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit and (not previous or min(previous) > limit):
            return limit + 1
    return current[-1]
