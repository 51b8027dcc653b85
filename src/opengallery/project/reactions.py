"""Who listens to which fact. `WITHIN`: in the fact's own transaction. `AFTER`: by the worker, once per fact."""

from opengallery.market.journal.relay import EVERY_FACT
from opengallery.market.journal.signatures import sign_heads
from opengallery.market.notices.actions import send_notices
from opengallery.market.supervision.actions import start_fulfilment

# A flow is born in the payment's transaction: who has paid never sees an order that nobody is asked to deliver.
WITHIN = {
    "pay_order": (start_fulfilment,),
}
AFTER = {
    EVERY_FACT: (send_notices, sign_heads),
}
