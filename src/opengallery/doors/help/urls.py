"""The help center's site map."""

from django.urls import path

from opengallery.doors.help.index import index
from opengallery.doors.help.page import guide_page

app_name = "help"
urlpatterns = [
    path("", index, name="index"),
    path("<slug:console>/<slug:name>/", guide_page, name="page"),
]
