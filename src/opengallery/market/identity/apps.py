"""The package as a Django application."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "opengallery.market.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
