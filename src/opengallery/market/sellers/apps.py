"""The package as a Django application."""

from django.apps import AppConfig


class SellersConfig(AppConfig):
    name = "opengallery.market.sellers"
    label = "sellers"
    default_auto_field = "django.db.models.BigAutoField"
