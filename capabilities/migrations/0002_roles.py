"""Roles are groups: a viewer sees everything, an editor writes."""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEWER = "viewer"
EDITOR = "editor"


def make_roles(apps: Any, schema_editor: object) -> None:
    # Permissions are otherwise made after all migrations, too late to be given to anybody here.
    config = apps.get_app_config("capabilities")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None

    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="capabilities"
    )
    see = permissions.filter(codename__startswith="view_")
    write = permissions.exclude(codename__endswith="_auditentry").exclude(
        codename__endswith="_audithead"
    )
    for name, given in ((VIEWER, see), (EDITOR, see | write)):
        role, _ = group.objects.get_or_create(name=name)
        role.permissions.set(given.distinct())


def remove_roles(apps: Any, schema_editor: object) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=(VIEWER, EDITOR)).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_roles, remove_roles)]
