"""The package as a Django application."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "opengallery.market.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
