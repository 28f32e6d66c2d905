from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0004_checks"),
    ]

    operations = [
        migrations.AddField(
            model_name="machinetemplate",
            name="retired",
            field=models.BooleanField(
                default=False, help_text="Not to be chosen anew; those who use it keep it."
            ),
        ),
    ]
