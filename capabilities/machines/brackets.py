r"""The brackets of the notation, and what has to be escaped in each.

A backslash before one of `\ [ ] < > { }` makes it part of the name; before anything else it is a
backslash.
"""

ESCAPED = "\\[]<>{}"

# What has to be escaped inside each bracket: the bracket itself, and what would most likely mean
# that its closing half was forgotten.
BRACKETS = {"[": ("]", "[]"), "<": (">", "<>{["), "{": ("}", "{}")}


def bracketed(opening: str, name: str) -> str:
    """A name in a bracket, escaped."""
    closing, inside = BRACKETS[opening]
    escaped = "".join(f"\\{c}" if c in inside or c == "\\" else c for c in name)
    return f"{opening}{escaped}{closing}"
