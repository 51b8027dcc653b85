"""The package as a Django application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "opengallery.market.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
