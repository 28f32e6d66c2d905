from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0007_deviations"),
    ]

    operations = [
        # An index is added beside its table; only a change of the table itself would rebuild it.
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["request", "-sequence"], name="audit_by_request"),
        ),
    ]
