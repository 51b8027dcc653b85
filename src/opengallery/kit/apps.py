"""The kit as a Django application: it owns the few tables that no market word describes."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "opengallery.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"
