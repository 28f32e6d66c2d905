"""The database itself refuses to change or delete what the audit log says."""

from typing import Any

from django.db import migrations

from capabilities import triggers


def install(apps: object, schema_editor: Any) -> None:
    triggers.install(schema_editor.connection, triggers.AUDIT)


def remove(apps: object, schema_editor: Any) -> None:
    triggers.remove(schema_editor.connection, triggers.AUDIT)


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0008_audit_by_request"),
    ]

    operations = [migrations.RunPython(install, remove)]
