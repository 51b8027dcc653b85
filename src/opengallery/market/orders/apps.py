"""The package as a Django application."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "opengallery.market.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"
