"""The storefront: open to everybody, except where one buys."""

from django.urls import path

from opengallery.doors.storefront.home import home
from opengallery.doors.storefront.key import key
from opengallery.doors.storefront.product import product, template
from opengallery.doors.storefront.purchase import purchase
from opengallery.doors.storefront.search import search
from opengallery.doors.storefront.store import store

app_name = "storefront"
urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("products/<slug:public_id>/", product, name="product"),
    path("products/<slug:public_id>/templates/<slug:kind>/", template, name="template"),
    path("products/<slug:public_id>/purchase/", purchase, name="purchase"),
    path(".well-known/opengallery-key.txt", key, name="key"),
    path("stores/<slug:slug>/", store, name="store"),
]
