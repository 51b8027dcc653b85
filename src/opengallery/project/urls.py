"""The doors."""

from importlib.util import find_spec

from django.urls import include, path

DOORS = {
    "account/": "opengallery.doors.account.urls",
    "my/": "opengallery.doors.buyer.urls",
    "seller/": "opengallery.doors.seller.urls",
    "operations/": "opengallery.doors.operations.urls",
    "help/": "opengallery.doors.help.urls",
    "problems/": "opengallery.doors.problems.urls",
    "callbacks/": "opengallery.doors.callbacks.urls",
    "api/v1/": "opengallery.doors.api.urls",
    "": "opengallery.doors.storefront.urls",
}
urlpatterns = [path(prefix, include(module)) for prefix, module in DOORS.items() if find_spec(module)]
