"""Say which system of the seller's provisions a SaaS product."""

from datetime import datetime

from opengallery.kit.actor import Actor, Party
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.kit.verbs import atomic
from opengallery.market.catalog.actions.draft_product import endpoint_error
from opengallery.market.catalog.models import Product
from opengallery.market.journal.models import record


@atomic
def connect_product(product: Product, *, endpoint: str, by: Actor, at: datetime) -> None:
    """Set the address that is called for each purchase from now on, and by each restart; "" for none.

    NotYourTurn for anybody but the seller; InvalidInput unless it is a SaaS product and an address of the web.
    """
    if Party.SELLER not in product.parties_of(by):
        raise NotYourTurn
    endpoint = endpoint.strip()
    if error := endpoint_error(product.delivery_method, endpoint) if endpoint else "":
        raise InvalidInput({"endpoint": [error]})
    if endpoint == product.endpoint:
        return
    product.endpoint = endpoint
    product.save(update_fields=["endpoint"])
    record(product, "connect_product", by=by, at=at, data={"endpoint": endpoint})
