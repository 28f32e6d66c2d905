"""A text as a word that an address can carry, and back; never more than a bound of it."""

import base64
import binascii
import zlib

TEXT_LIMIT = 200_000
"""Characters that a packed text may have: far over any machine, and little to read."""

_LEVEL = 9


class PackingError(ValueError):
    """A word is no packed text; the message says why."""


def pack(text: str) -> str:
    """Pack a text; the same text gives the same word."""
    packed = zlib.compress(text.encode(), _LEVEL)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def unpack(word: str) -> str:
    """The text that was packed.

    Raises PackingError for a word that was cut or changed, and for a text over TEXT_LIMIT, of
    which no more than that is ever unpacked.
    """
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        # A character has at most four bytes.
        content = reader.decompress(packed, 4 * TEXT_LIMIT + 1)
        text = content.decode() if reader.eof else ""
    except (binascii.Error, zlib.error, ValueError) as error:
        raise PackingError("it was cut or changed on its way") from error
    if len(content) > 4 * TEXT_LIMIT or len(text) > TEXT_LIMIT:
        raise PackingError(f"it has more than {TEXT_LIMIT:,} characters")
    if not reader.eof or reader.unused_data:
        raise PackingError("it was cut or changed on its way")
    return text
