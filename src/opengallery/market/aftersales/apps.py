"""The package as a Django application."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    name = "opengallery.market.aftersales"
    label = "aftersales"
    default_auto_field = "django.db.models.BigAutoField"
