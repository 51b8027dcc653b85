"""The verbs of the shelf."""

from opengallery.market.catalog.actions.add_specification import add_specification
from opengallery.market.catalog.actions.connect_product import connect_product
from opengallery.market.catalog.actions.draft_product import draft_product
from opengallery.market.catalog.actions.list_product import hide_product, list_product, remove_product

__all__ = ["add_specification", "connect_product", "draft_product", "hide_product", "list_product", "remove_product"]
