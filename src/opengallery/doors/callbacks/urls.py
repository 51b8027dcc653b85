"""The addresses at which we are called back."""

from django.urls import path

from opengallery.doors.callbacks import carriers

app_name = "callbacks"
urlpatterns = [path("carriers/<slug:code>/", carriers.news, name="carrier")]
