"""What the commands share: examples in their help, exit codes, and reading files."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.db import DatabaseError

FINDINGS = 1
IMPOSSIBLE = 2


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's order of options, and an example that keeps its lines."""


class MachineCommand(BaseCommand):
    """A command that exits with 0 when all is well, 1 for findings or differences, 2 for neither.

    With --json it prints one JSON object, whatever it exits with; with 2, that has `errors`.
    `example` is shown by --help.
    """

    example = ""
    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"example:\n{self.example}",
            formatter_class=_HelpFormatter,
            **kwargs,
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            refusal, cause = error, error.__cause__
            refusal.returncode = IMPOSSIBLE
        except (DatabaseError, ImproperlyConfigured, OSError) as error:
            told = f"It could not be done: {error}"
            refusal, cause = CommandError(told, returncode=IMPOSSIBLE), error
        if options.get("json"):
            place = {"line": None, "column": None, "code": "impossible"}
            self.say_json({"errors": [{**place, "message": str(refusal)}]})
        raise refusal from cause

    def say(self, line: str = "") -> None:
        self.stdout.write(line)

    def say_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))

    def found_something(self) -> NoReturn:
        """End with the exit code for findings and differences."""
        sys.exit(FINDINGS)

    def impossible(self) -> NoReturn:
        """End with the exit code for what could not be done, the reasons having been told."""
        sys.exit(IMPOSSIBLE)


def read_file(name: str) -> str:
    """The text of a file in UTF-8, `-` for standard input. Raises CommandError."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return content.decode()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CommandError(
            f"{name} is no text in UTF-8: line {line} has the byte {content[error.start]:#04x}."
        ) from error
