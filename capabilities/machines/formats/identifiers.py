"""Names as identifiers, for formats in which a name may not be just anything."""

import re
from collections.abc import Collection, Iterable

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


def identifiers(
    names: Iterable[str], prefix: str, *, reserved: Collection[str] = ()
) -> dict[str, str]:
    """Each name's identifier: the name itself where it is one, else one made of the prefix.

    No two are the same, and none is among those that are `reserved`.
    """
    found = dict.fromkeys(names, "")
    taken = set(reserved)
    for name in found:
        if _PLAIN.match(name) and name not in taken:
            found[name] = name
            taken.add(name)
    for number, name in enumerate(found, start=1):
        if not found[name]:
            made_up = f"{prefix}{number}"
            while made_up in taken:
                made_up = f"{made_up}_"
            found[name] = made_up
            taken.add(made_up)
    return found
