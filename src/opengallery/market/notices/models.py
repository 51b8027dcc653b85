"""Messages in the site, one per person and fact, their copies by e-mail and SMS, and what each person wants to hear."""

from django.db import models
from django.db.models import Q

from opengallery.market.identity.models import Organisation, User
from opengallery.market.journal.models import Fact
from opengallery.market.notices.kinds import CHANNELS, GROUPS, TYPES


class NoticeQuery(models.QuerySet["Notice"]):
    """Which messages."""

    def of(self, user_id: int | None, organisation_id: int | None) -> "NoticeQuery":
        """What one person is told as a member of one organisation; nobody else sees it, the operator neither."""
        return self.filter(user=user_id, organisation=organisation_id) if user_id and organisation_id else self.none()


class Notice(models.Model):
    """What one person is told of one fact, or in a digest (no fact).

    Each channel has columns of its own, so that one that fails repeats no other: `…_due_at` is when its copy is tried
    next; None: not wanted, sent, or given up.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    fact = models.ForeignKey(Fact, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=64)
    type = models.IntegerField(choices=list(TYPES.items()))
    group = models.CharField(max_length=20, choices=[(group, label) for group, (label, _) in GROUPS.items()])
    subject = models.CharField(max_length=200)
    text = models.CharField(max_length=1500)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.IntegerField(default=0)
    mail_sent_at = models.DateTimeField(null=True)
    sms_due_at = models.DateTimeField(null=True)
    sms_tries = models.IntegerField(default=0)
    sms_sent_at = models.DateTimeField(null=True)

    objects = NoticeQuery.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "fact", "organisation"], name="one_notice_per_fact")]
        indexes = [
            models.Index(fields=["user", "organisation", "-id"], name="notices_of_a_person"),
            models.Index(fields=["user", "organisation"], condition=Q(read_at=None), name="notices_unread"),
            models.Index(fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="notices_to_mail"),
            models.Index(fields=["sms_due_at"], condition=Q(sms_due_at__isnull=False), name="notices_to_text"),
            models.Index(fields=["id"], condition=Q(fact=None, read_at=None), name="notices_unread_digests"),
        ]

    def __str__(self) -> str:
        return self.subject


class Choice(models.Model):
    """Whether a person wants copies of a group of messages on a channel; without a row the channel's default holds."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    group = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=[(channel, label) for channel, (label, _) in CHANNELS.items()])
    on = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "group", "channel"], name="one_choice_per_switch")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.group} by {self.channel}: {self.on}"


class Phone(models.Model):
    """Where a person gets text messages, in the form of E.164."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="phone")
    number = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.number


class DigestTimer(models.Model):
    """The one timer of the digests: `due_at` is the next one's instant, None while nothing is under supervision."""

    due_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_digest_timer")]

    def __str__(self) -> str:
        return f"{self.due_at}"
