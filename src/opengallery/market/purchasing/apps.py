"""The package as a Django application."""

from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "opengallery.market.purchasing"
    label = "purchasing"
    default_auto_field = "django.db.models.BigAutoField"
