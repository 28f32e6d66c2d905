"""Cells of CSV files that a spreadsheet shows as they are."""

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula; the last four are the first ones, wide."""


def guarded(text: str) -> str:
    """The text as a cell that is never evaluated: with an apostrophe before what begins a formula.

    White space in front of it does not hide it: spreadsheets strip it. Nor do apostrophes that are
    there already, so that `unguarded` gives every text back.
    """
    return f"'{text}" if _is_risky(text) else text


def unguarded(cell: str) -> str:
    """The text of which a cell was made by `guarded`."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell) else cell


def _is_risky(text: str) -> bool:
    bare = text.lstrip("'")
    return bare.startswith(_BEGINS) or bare.lstrip().startswith(_BEGINS)
