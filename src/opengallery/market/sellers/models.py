"""Sellers: the organisations that may sell, with what customers see of them."""

from django.db import models
from django.db.models import Q

from opengallery.market.identity.models import Organisation
from opengallery.market.sellers.rules import Hours


class Seller(models.Model):
    """An organisation's seller profile: the store's name and how customers reach it.

    The service hours are stated together or not at all; `takes_tickets` is whether customers' tickets go to the seller.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, primary_key=True)
    store = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    support_email = models.EmailField(blank=True)
    support_phone = models.CharField(max_length=40, blank=True)
    support_days = models.JSONField(default=list)
    support_start = models.TimeField(null=True)
    support_end = models.TimeField(null=True)
    support_offset = models.SmallIntegerField(default=0)
    support_languages = models.CharField(max_length=120, blank=True)
    support_content = models.TextField(max_length=500, blank=True)
    takes_tickets = models.BooleanField(default=True)
    admitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(support_start__isnull=True, support_end__isnull=True)
                | Q(support_start__isnull=False, support_end__isnull=False),
                name="service_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hours(self) -> Hours | None:
        """The service hours, or None when none are stated."""
        if self.support_start is None or self.support_end is None:
            return None
        return Hours(tuple(self.support_days), self.support_start, self.support_end, self.support_offset)

    @property
    def support_hours(self) -> str:
        """The service hours as people read them, with their time zone; "" when none are stated."""
        return self.hours.text if self.hours else ""

    @property
    def answers_tickets(self) -> bool:
        """Whether tickets go to it (N10): it takes them, and has stated hours, which are at least 8 × 5."""
        return self.takes_tickets and self.hours is not None
