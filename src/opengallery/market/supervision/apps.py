"""The package as a Django application."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "opengallery.market.supervision"
    label = "supervision"
    default_auto_field = "django.db.models.BigAutoField"
