from typing import Any

import capabilities.fields
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

SEE = ("viewer", "editor", "reviewer", "releaser")
DECIDE = ("editor", "releaser")


def give_rights(apps: Any, schema_editor: object) -> None:
    # Permissions are otherwise made after all migrations, too late to be given to anybody here.
    config = apps.get_app_config("capabilities")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None

    group = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="capabilities"
    )
    # Who releases has to know whether it arrived.
    releaser, made = group.get_or_create(name="releaser")
    if made:
        releaser.permissions.add(*permissions.filter(codename__startswith="view_"))
    of_drift = permissions.filter(content_type__model="knowndrift")
    # Nobody changes or removes a decision; whoever decides anew adds one.
    for name in SEE:
        for role in group.filter(name=name):
            role.permissions.add(*of_drift.filter(codename="view_knowndrift"))
    for name in DECIDE:
        for role in group.filter(name=name):
            role.permissions.add(*of_drift.filter(codename="add_knowndrift"))


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0010_change_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownDrift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("capability", models.CharField(max_length=200)),
                ("source", models.CharField(blank=True, max_length=200)),
                ("event", models.CharField(blank=True, max_length=200)),
                ("state", models.CharField(choices=[("known", "Known"), ("withdrawn", "Withdrawn")], max_length=10)),
                (
                    "owner",
                    models.CharField(blank=True, max_length=150, validators=[capabilities.fields.validate_line]),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=500, validators=[capabilities.fields.validate_line]),
                ),
                ("until", models.DateField(blank=True, null=True)),
                ("about", models.TextField()),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_by", models.CharField(max_length=200)),
            ],
            options={
                "verbose_name_plural": "known drift",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["capability", "source", "event", "-id"], name="newest_known")
                ],
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
