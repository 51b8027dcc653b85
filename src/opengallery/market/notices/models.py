"""Messages in the site, one per person and fact, and their copies by e-mail."""

from django.db import models
from django.db.models import Q

from opengallery.market.identity.models import Organisation, User
from opengallery.market.journal.models import Fact


class Notice(models.Model):
    """What one person is told of one fact. `mail_due_at`: when its e-mail is tried next; None: sent, or given up."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    text = models.CharField(max_length=1500)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.IntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "fact", "organisation"], name="one_notice_per_fact")]
        indexes = [
            models.Index(fields=["user", "organisation", "-id"], name="notices_of_a_person"),
            models.Index(fields=["user", "organisation"], condition=Q(read_at=None), name="notices_unread"),
            models.Index(fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False), name="notices_to_mail"),
        ]

    def __str__(self) -> str:
        return self.subject
