"""The package as a Django application."""

from django.apps import AppConfig


class UnsubscriptionConfig(AppConfig):
    name = "opengallery.market.unsubscription"
    label = "unsubscription"
    default_auto_field = "django.db.models.BigAutoField"
