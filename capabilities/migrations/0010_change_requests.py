from typing import Any

import capabilities.fields
import django.db.models.deletion
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

VIEWER, EDITOR, REVIEWER = "viewer", "editor", "reviewer"
SEE = ("view_changerequest", "view_reviewevent")


def give_rights(apps: Any, schema_editor: object) -> None:
    # Permissions are otherwise made after all migrations, too late to be given to anybody here.
    config = apps.get_app_config("capabilities")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None

    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="capabilities"
    )
    # Nobody changes or removes a request; whatever happens to it is added.
    for name, given in ((VIEWER, SEE), (EDITOR, (*SEE, "add_changerequest"))):
        for role in group.objects.filter(name=name):
            role.permissions.add(*permissions.filter(codename__in=given))
    reviewer, _ = group.objects.get_or_create(name=REVIEWER)
    decides = ("add_deviation", "decide_changerequest")
    reviewer.permissions.add(
        *permissions.filter(codename__startswith="view_"),
        *permissions.filter(codename__in=decides),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('capabilities', '0009_audit_triggers'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('definition', 'Definition'), ('machine template', 'Machine Template')], max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(blank=True, max_length=10)),
                ('title', models.CharField(max_length=200, validators=[capabilities.fields.validate_line])),
                ('words', models.TextField(blank=True, max_length=4000)),
                ('ticket', models.CharField(blank=True, max_length=50, validators=[capabilities.fields.validate_line])),
                ('author_id', models.BigIntegerField(null=True)),
                ('author', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ('-id',),
                'permissions': (('decide_changerequest', 'Can decide change requests of others'),),
                'indexes': [models.Index(fields=['name', '-id'], name='requests_by_name')],
            },
        ),
        migrations.CreateModel(
            name='ReviewEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('proposed', 'proposed'), ('edited', 'edited'), ('approved', 'approved'), ('asked for changes', 'asked for changes'), ('refused', 'refused'), ('commented', 'commented'), ('withdrawn', 'withdrawn'), ('applied', 'applied')], max_length=20)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by_id', models.BigIntegerField(null=True)),
                ('by', models.CharField(max_length=200)),
                ('words', models.TextField(blank=True, max_length=4000)),
                ('digest', models.CharField(max_length=64)),
                ('base', models.TextField(blank=True)),
                ('proposed', models.TextField(blank=True)),
                ('sequence', models.PositiveBigIntegerField(db_index=True, default=0)),
                ('change_request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='capabilities.changerequest')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
