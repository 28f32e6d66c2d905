"""Releases and deployments: what was released stays, and who may release."""

from typing import Any

import capabilities.fields
import django.db.models.deletion
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from capabilities import triggers

SEE = ("viewer", "editor", "reviewer")
RELEASER = "releaser"
MODELS = ("release", "releasemachine", "deployment")


def install(apps: object, schema_editor: Any) -> None:
    triggers.install(schema_editor.connection, triggers.RELEASES)


def remove(apps: object, schema_editor: Any) -> None:
    triggers.remove(schema_editor.connection, triggers.RELEASES)


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
    see = permissions.filter(codename__in=[f"view_{each}" for each in MODELS])
    for role in group.objects.filter(name__in=SEE):
        role.permissions.add(*see)
    # A releaser sees everything. Nobody changes or removes a release or a deployment.
    releaser, _ = group.objects.get_or_create(name=RELEASER)
    releaser.permissions.add(*permissions.filter(codename__startswith="view_"))
    releaser.permissions.add(
        *permissions.filter(codename__in=("add_release", "add_deployment"))
    )


class Migration(migrations.Migration):

    dependencies = [
        ('capabilities', '0011_known_drift'),
    ]

    operations = [
        migrations.CreateModel(
            name='Release',
            fields=[
                ('number', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200, validators=[capabilities.fields.validate_line])),
                ('notes', models.TextField(blank=True)),
                ('export', models.TextField()),
                ('digest', models.CharField(max_length=64, verbose_name='SHA-256 of the export')),
                ('sequence', models.PositiveBigIntegerField()),
                ('head_digest', models.CharField(blank=True, max_length=64)),
                ('warnings', models.JSONField(default=list)),
                ('by_id', models.BigIntegerField(null=True, blank=True)),
                ('by', models.CharField(max_length=200)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ('-number',),
            },
        ),
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('environment', models.CharField(choices=[('local', 'Local'), ('dev', 'Dev'), ('test', 'Test'), ('production', 'Production')], max_length=10)),
                ('remark', models.CharField(blank=True, max_length=500, validators=[capabilities.fields.validate_line])),
                ('by_id', models.BigIntegerField(null=True, blank=True)),
                ('by', models.CharField(max_length=200)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='capabilities.release')),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['environment', '-id'], name='newest_deployment')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseMachine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('current', 'Current'), ('ideal', 'Ideal')], max_length=10)),
                ('title', models.TextField(blank=True, help_text='What it was made of, in words.')),
                ('text', models.TextField(blank=True, verbose_name='machine in the notation')),
                ('requires_qa', models.BooleanField(default=False, verbose_name='requires QA')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='machines', to='capabilities.release')),
            ],
            options={
                'ordering': ('release', 'name'),
                'constraints': [models.UniqueConstraint(fields=('release', 'name'), name='one_machine_a_release')],
            },
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
