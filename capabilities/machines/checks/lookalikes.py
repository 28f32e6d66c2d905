"""Characters that look like others: a name that has one cannot be told from the one it is like."""

import unicodedata
from functools import lru_cache
from itertools import zip_longest

# The common ones, by what they look like: small letters, for case is aside. The escapes are
# Cyrillic and Greek letters, and hyphens.
_ALIKE = {
    "a": "\u0430\u03b1",
    "b": "\u0432\u03b2",
    "c": "\u0441\u03f2",
    "d": "\u0501",
    "e": "\u0435\u03b5\u0454",
    "g": "\u0261",
    "h": "\u04bb\u043d\u03b7",
    "i": "\u0456\u03b9\u0131",
    "j": "\u0458",
    "k": "\u043a\u03ba",
    "l": "\u04cf\u01c0",
    "m": "\u043c\u03bc",
    "n": "\u03bd",
    "o": "\u043e\u03bf",
    "p": "\u0440\u03c1",
    "q": "\u051b",
    "s": "\u0455",
    "t": "\u0442\u03c4",
    "u": "\u03c5",
    "v": "\u0475",
    "w": "\u051d\u03c9",
    "x": "\u0445\u03c7",
    "y": "\u0443\u03b3",
    "z": "\u03b6",
    "-": "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
}
_TABLE = {ord(like): plain for plain, all_like in _ALIKE.items() for like in all_like}
# Digits and letters that are taken for each other, but that may well both be meant.
_SHAPES = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s"})
_SEPARATORS = "-_ "


def folded(name: str) -> str:
    """A name as it looks, case aside: without accents, without what is not shown."""
    return "".join(_folded(character) for character in name)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).casefold().translate(_TABLE)
    return "".join(each for each in plain if unicodedata.category(each) not in ("Mn", "Cf"))


def odd_characters(name: str, meant: str) -> tuple[str, ...]:
    """The characters by which `name` differs from `meant` though it looks like it, each once.

    Case and separators aside. () when it does not look like it, or when nothing odd is in it.
    """
    shapes = [(shape, character) for character in name for shape in _shape(character)]
    of_meant = [(shape, character) for character in meant for shape in _shape(character)]
    if [shape for shape, _ in shapes] != [shape for shape, _ in of_meant]:
        return ()
    differing = {
        mine for (_, mine), (_, theirs) in zip_longest(shapes, of_meant) if not _same(mine, theirs)
    }
    unseen = {each for each in name if not each.isascii() and each not in meant}
    return tuple(dict.fromkeys(each for each in name if each in differing | unseen))


def shape_of(name: str) -> str:
    """A name as it looks at a glance: names of another shape have no odd characters."""
    return "".join(_shape(character) for character in name)


def _shape(character: str) -> str:
    shape = _folded(character).translate(_SHAPES)
    return "".join(each for each in shape if each not in _SEPARATORS)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
