"""The package as a Django application."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "opengallery.market.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"
