"""Where a webhook may be: on the public internet, or at a host that WEBHOOK_HOSTS names.

What a name leads to is only known when it is looked up; `sending` asks here again, then.
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError


def split_url(url: str) -> SplitResult:
    """The parts of an address that a webhook may have, whatever its host's addresses are.

    Hosts that the setting WEBHOOK_HOSTS names may be called without TLS, and by an IP address.
    Raises ValidationError.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise ValidationError("This is no address of a web server.", code="bad-url") from error
    problem = ""
    if not url.isascii() or any(each <= " " or each in '"<>\\^`{|}\x7f' for each in url):
        problem = "Write an address in ASCII, without spaces; other characters as %C3%A9."
    elif parts.scheme not in ("https", "http") or not host or port == 0:
        problem = "Write a whole address: https://example.com/path."
    elif parts.username is not None or parts.password is not None:
        problem = "Leave the name and the password out; a message is known by its signature."
    elif parts.fragment:
        problem = "Leave out what follows the #; it is not sent."
    elif not is_named_host(host):
        if parts.scheme != "https":
            problem = "Write an address that begins with https://."
        elif not _may_be_public(host):
            problem = f"{host} is not on the public internet; WEBHOOK_HOSTS can allow it by name."
    if problem:
        raise ValidationError(problem, code="bad-url")
    return parts


def validate_url(url: str) -> None:
    """Raise ValidationError for an address that no webhook may have."""
    split_url(url)


def is_named_host(host: str) -> bool:
    """Whether the setting WEBHOOK_HOSTS names this host."""
    return host.lower() in {each.lower() for each in settings.WEBHOOK_HOSTS}


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and none that leads to another one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    # Of IPv6, only what is given out; 6to4 and Teredo carry an IPv4 address inside.
    return ip.is_global and ip in _GIVEN_OUT and not (ip.sixtofour or ip.teredo)


_GIVEN_OUT = ipaddress.ip_network("2000::/3")


def _may_be_public(host: str) -> bool:
    """Whether a host may be one of the public internet, as far as its name tells."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local", ".internal"))
