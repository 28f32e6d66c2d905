"""Webhooks, what waits for them, and what became of it; and who may see and change them."""

from typing import Any

import capabilities.fields
import django.db.models.deletion
import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

SEE = ("viewer", "editor", "reviewer", "releaser")
RELEASER = "releaser"
MODELS = ("webhook", "delivery", "deliveryattempt")


def give_rights(apps: Any, schema_editor: object) -> None:
    # Permissions are otherwise made after all migrations, too late to be given to anybody here.
    config = apps.get_app_config("capabilities")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None

    group = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="capabilities", content_type__model__in=MODELS
    )
    for role in group.filter(name__in=SEE):
        role.permissions.add(*permissions.filter(codename__startswith="view_"))
    for role in group.filter(name=RELEASER):
        role.permissions.add(*permissions.filter(content_type__model="webhook"))


class Migration(migrations.Migration):

    dependencies = [
        ('capabilities', '0012_releases'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name="the webhook's title")),
                ('message_id', models.CharField(max_length=40, unique=True)),
                ('event', models.CharField(max_length=40)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('given up', 'Given Up')], default='waiting', max_length=10)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, unique=True, validators=[capabilities.fields.validate_line])),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('events', models.JSONField(default=list)),
                ('is_active', models.BooleanField(default=True, verbose_name='switched on')),
                ('salt', models.CharField(editable=False, max_length=32)),
                ('by', models.CharField(max_length=200)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ('title',),
            },
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('milliseconds', models.PositiveIntegerField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='capabilities.delivery')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='capabilities.webhook'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['due_at'], name='due_deliveries'),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
