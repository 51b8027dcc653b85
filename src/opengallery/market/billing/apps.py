"""The package as a Django application."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "opengallery.market.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"
