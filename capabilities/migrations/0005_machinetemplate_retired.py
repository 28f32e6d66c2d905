from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("capabilities", "0002_roles"),
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
