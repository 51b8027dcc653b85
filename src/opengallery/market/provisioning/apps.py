"""The package as a Django application."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    name = "opengallery.market.provisioning"
    label = "provisioning"
    default_auto_field = "django.db.models.BigAutoField"
