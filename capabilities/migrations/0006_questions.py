from typing import Any

from django.db import migrations, models

import capabilities.fields
from capabilities.machines.questions import asks, ticket_in

# A remark that asks is a question from now on, as it would be for an import.


def recognise(apps: Any, schema_editor: object) -> None:
    for note in apps.get_model("capabilities", "Note").objects.all():
        if asks(note.text):
            note.is_question, note.ticket = True, ticket_in(note.text)
            note.save(update_fields=["is_question", "ticket"])


def text(length: int) -> Any:
    return models.CharField(blank=True, max_length=length, validators=[capabilities.fields.validate_line])


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0005_machinetemplate_retired"),
    ]

    operations = [
        migrations.AddField("note", "state", models.CharField(blank=True, max_length=200, validators=[capabilities.fields.validate_name])),
        migrations.AddField("note", "is_question", models.BooleanField(default=False)),
        migrations.AddField("note", "ticket", text(50)),
        migrations.AddField("note", "owner", text(150)),
        migrations.AddField("note", "answer", models.TextField(blank=True, validators=[capabilities.fields.validate_line])),
        migrations.AddField("note", "answered_by", text(150)),
        migrations.AddField("note", "answered_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "note",
            models.CheckConstraint(
                condition=models.Q(("state", ""), models.Q(("event", ""), ("source", "")), _connector="OR"),
                name="a_note_is_at_a_state_or_a_transition",
            ),
        ),
        migrations.AddConstraint(
            "note",
            models.CheckConstraint(
                condition=models.Q(
                    ("is_question", True), models.Q(("answer", ""), ("owner", ""), ("ticket", "")), _connector="OR"
                ),
                name="only_a_question_has_an_owner_and_an_answer",
            ),
        ),
        migrations.AddConstraint(
            "note",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), _negated=True),
                    models.Q(("answered_at", None), ("answered_by", "")),
                    _connector="OR",
                ),
                name="only_an_answer_has_somebody_who_gave_it",
            ),
        ),
        migrations.RunPython(recognise, migrations.RunPython.noop),
    ]
