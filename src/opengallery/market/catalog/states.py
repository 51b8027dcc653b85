"""The life of a product on the shelf (sellers spec 11). Review comes between draft and sale when it is built."""

from opengallery.kit.actor import Party
from opengallery.kit.states import Life, Move

DRAFT, ON_SALE, HIDDEN, DISCONTINUED = "draft", "on_sale", "hidden", "discontinued"

PRODUCT = Life(
    Move(DRAFT, "list_product", Party.SELLER, ON_SALE),
    Move(ON_SALE, "hide_product", Party.SELLER, HIDDEN),
    Move(HIDDEN, "list_product", Party.SELLER, ON_SALE),
    Move(ON_SALE, "remove_product", Party.SELLER, DISCONTINUED),
    Move(HIDDEN, "remove_product", Party.SELLER, DISCONTINUED),
    born=DRAFT,
    labels={DRAFT: "Draft", ON_SALE: "On sale", HIDDEN: "Hidden", DISCONTINUED: "Discontinued"},
)
