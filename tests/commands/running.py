"""Run a management command in this process, in the test's transaction."""

import io
import json
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError


@dataclass(frozen=True)
class Ran:
    """What a command printed, and the code that it exits with; `refusal` is what it refused."""

    code: int
    out: str
    refusal: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(name: str, *arguments: str) -> Ran:
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as ended:
        return Ran(int(ended.code or 0), out.getvalue())
    except CommandError as error:
        return Ran(error.returncode, out.getvalue(), str(error))
    return Ran(0, out.getvalue())
