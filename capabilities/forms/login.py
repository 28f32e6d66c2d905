"""Signing in, with a delay for whoever guesses."""

import hashlib
import logging
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError

ATTEMPTS = 10
"""Failed ones that somebody has, at one name from one address, before they have to wait."""

MINUTES = 5
"""From the first of them on."""

logger = logging.getLogger(__name__)


class LoginForm(AdminAuthenticationForm):
    """Name and password. After too many failed attempts it refuses the right password, too.

    Each attempt is counted before it is tried, so guesses that come at once do not slip through.
    Processes count together when they share a cache (CACHE_URL).
    """

    def clean(self) -> dict[str, Any]:
        key = self._key()
        cache.add(key, 0, MINUTES * 60)
        if _counted(key) > ATTEMPTS:
            logger.warning("Too many failed attempts to sign in as %r", self._name())
            told = f"There were too many failed attempts. Wait {MINUTES} minutes, then try again."
            raise ValidationError(told, code="too-many")
        try:
            found = super().clean()
        except ValidationError:
            logger.warning("A failed attempt to sign in as %r", self._name())
            raise
        cache.delete(key)
        return found

    def _name(self) -> str:
        return str(self.cleaned_data.get("username", ""))

    def _key(self) -> str:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        who = f"{self._name().casefold()}\n{address}"
        return f"login:{hashlib.sha256(who.encode(errors='replace')).hexdigest()}"


def _counted(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # it went between adding and counting
        cache.set(key, 1, MINUTES * 60)
        return 1
