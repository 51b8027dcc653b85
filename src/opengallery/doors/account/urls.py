"""Log-in, log-out, sign-up, password and e-mail pages."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.account.urls"))]
