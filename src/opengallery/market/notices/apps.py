"""The package as a Django application."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "opengallery.market.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
