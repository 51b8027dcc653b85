"""The doors."""

from django.urls import path

urlpatterns = []
