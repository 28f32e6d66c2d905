from typing import Any

import capabilities.fields
import django.db.models.deletion
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

VIEWER = "viewer"
DECIDE = ("editor", "reviewer")


def give_rights(apps: Any, schema_editor: object) -> None:
    # Permissions are otherwise made after all migrations, too late to be given to anybody here.
    config = apps.get_app_config("capabilities")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None

    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="capabilities", content_type__model="deviation"
    )
    # Nobody changes or removes a decision; whoever decides anew adds one.
    see = permissions.filter(codename="view_deviation")
    decide = permissions.filter(codename__in=("view_deviation", "add_deviation"))
    for name, given in ((VIEWER, see), *((name, decide) for name in DECIDE)):
        for role in apps.get_model("auth", "Group").objects.filter(name=name):
            role.permissions.add(*given)


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0006_questions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", capabilities.fields.NameField(max_length=200)),
                ("event", capabilities.fields.NameField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("accepted", "Accepted"),
                            ("blocked", "Blocked"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "owner",
                    models.CharField(blank=True, max_length=150, validators=[capabilities.fields.validate_line]),
                ),
                (
                    "ticket",
                    models.CharField(blank=True, max_length=50, validators=[capabilities.fields.validate_line]),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=500, validators=[capabilities.fields.validate_line]),
                ),
                ("until", models.DateField(blank=True, null=True)),
                ("question_text", models.TextField(blank=True)),
                ("old_line", models.TextField(blank=True)),
                ("new_line", models.TextField(blank=True)),
                ("moved", models.BooleanField(default=False)),
                ("sequence", models.PositiveBigIntegerField(default=0)),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_by", models.CharField(max_length=200)),
                (
                    "capability",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deviations",
                        to="capabilities.capability",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="blocks",
                        to="capabilities.note",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["capability", "source", "event", "-id"], name="newest_decision")
                ],
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
