import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TYPES = [
    (101, 'Product provisioning'), (103, 'Released'), (203, 'Account change'), (501, 'O&M reminder'), (901, 'Other'),
]
GROUPS = [
    ('orders', 'Orders'), ('deliveries', 'Deliveries'), ('appeals', 'Appeals and unsubscriptions'), ('money', 'Money'),
    ('account', 'Account'), ('support', 'Support'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0001_initial'),
        ('journal', '0001_initial'),
        ('notices', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(model_name='notice', old_name='mailed_at', new_name='mail_sent_at'),
        migrations.AddField(
            model_name='notice',
            name='type',
            field=models.IntegerField(choices=TYPES, default=901),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='notice',
            name='group',
            field=models.CharField(choices=GROUPS, default='orders', max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(model_name='notice', name='sms_due_at', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='notice', name='sms_tries', field=models.IntegerField(default=0)),
        migrations.AddField(model_name='notice', name='sms_sent_at', field=models.DateTimeField(null=True)),
        migrations.AlterField(
            model_name='notice',
            name='fact',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.fact'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('sms_due_at__isnull', False)), fields=['sms_due_at'], name='notices_to_text'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('fact', None), ('read_at', None)), fields=['id'], name='notices_unread_digests'),
        ),
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=20)),
                ('channel', models.CharField(choices=[('mail', 'E-mail'), ('sms', 'SMS')], max_length=10)),
                ('on', models.BooleanField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.organisation')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'organisation', 'group', 'channel'), name='one_choice_per_switch')],
            },
        ),
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='phone', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('number', models.CharField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name='DigestTimer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(null=True)),
                ('last_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='there_is_one_digest_timer')],
            },
        ),
    ]
