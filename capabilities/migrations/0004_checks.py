from typing import Any

import capabilities.fields
import django.db.models.deletion
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

VIEWER = "viewer"
EDITOR = "editor"


def give_rights(apps: Any, schema_editor: object) -> None:
    # Permissions are otherwise made after all migrations, too late to be given to anybody here.
    config = apps.get_app_config("capabilities")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None

    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="capabilities", content_type__model="switchedoffcheck"
    )
    see = permissions.filter(codename__startswith="view_")
    for name, given in ((VIEWER, see), (EDITOR, permissions)):
        for role in apps.get_model("auth", "Group").objects.filter(name=name):
            role.permissions.add(*given)


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0003_auditentry_made_of"),
    ]

    operations = [
        migrations.AddField(
            model_name="capability",
            name="requires_qa",
            field=models.BooleanField(
                default=False,
                help_text="No product of it may be given out that was not passed in QA.",
                verbose_name="requires QA",
            ),
        ),
        migrations.CreateModel(
            name="SwitchedOffCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("current", "Current"), ("ideal", "Ideal")], max_length=10)),
                ("code", models.CharField(max_length=50, validators=[capabilities.fields.validate_check_code])),
                ("reason", models.CharField(max_length=500)),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "capability",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="switched_off_checks",
                        to="capabilities.capability",
                    ),
                ),
            ],
            options={
                "ordering": ("capability__name", "kind", "code"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("capability", "kind", "code"), name="one_switched_off_check_a_code"
                    )
                ],
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
