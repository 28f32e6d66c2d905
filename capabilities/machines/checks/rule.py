"""What a rule is: how bad it is to break it, why it matters, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """ERROR: it cannot work. WARNING: it is probably not meant. INFO: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a check holds machines to; `example` is a line, or lines, that break it."""

    code: str
    severity: Severity
    title: str
    why: str
    mend: str
    example: str
