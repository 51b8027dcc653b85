"""/problems/: every type of refusal, and a page each."""

from django.urls import path

from opengallery.doors.problems import pages

app_name = "problems"
urlpatterns = [
    path("", pages.problems, name="problems"),
    path("<slug:slug>/", pages.problem, name="problem"),
    # The `type` of a problem document ends without a slash, and has to be an address.
    path("<slug:slug>", pages.problem),
]
