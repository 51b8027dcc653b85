"""The doors as a Django application: they own the exports that people asked for."""

from django.apps import AppConfig


class DoorsConfig(AppConfig):
    name = "opengallery.doors"
    label = "doors"
    default_auto_field = "django.db.models.BigAutoField"
