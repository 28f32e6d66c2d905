from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from ... import sending
from ...auditing import Author
from ...authoring import releases
from ...models import Environment, Release
from ..base import MachineCommand


class Command(MachineCommand):
    help = "Record that a release is in an environment now."
    example = '  manage.py record_deployment 3 production --remark "WS-812"'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, help="of the release")
        parser.add_argument("environment", choices=Environment.values)
        parser.add_argument("--remark", default="", help="one line of text")

    def handle(self, *args: Any, **options: Any) -> None:
        number, environment = options["number"], options["environment"]
        release = Release.objects.filter(number=number).first()
        if release is None:
            raise CommandError(f"There is no release {number}.")
        try:
            releases.deploy(
                release=release,
                environment=environment,
                remark=options["remark"],
                by=Author.of_command("record_deployment"),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        sending.send_now()
        self.say(f"{environment} has release {number} now.")
