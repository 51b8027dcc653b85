"""The package as a Django application."""

from django.apps import AppConfig


class TimetableConfig(AppConfig):
    name = "opengallery.market.timetable"
    label = "timetable"
    default_auto_field = "django.db.models.BigAutoField"
