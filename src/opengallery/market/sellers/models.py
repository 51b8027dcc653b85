"""Sellers: the organisations that may sell, with what customers see of them."""

from django.db import models

from opengallery.market.identity.models import Organisation


class Seller(models.Model):
    """An organisation's seller profile: the store's name and how customers reach it."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, primary_key=True)
    store = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    support_email = models.EmailField(blank=True)
    support_phone = models.CharField(max_length=40, blank=True)
    support_hours = models.CharField(max_length=120, blank=True)
    admitted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
