"""Who listens to which fact. `WITHIN`: in the fact's own transaction. `AFTER`: by the worker, once per fact."""

from opengallery.market.journal.relay import EVERY_FACT
from opengallery.market.journal.signatures import sign_heads
from opengallery.market.notices.actions import send_notices
from opengallery.market.provisioning.actions import start_provisioning
from opengallery.market.supervision.actions import start_fulfilment
from opengallery.market.unsubscription.actions import follow_appeal, stop_for_appeal

# A flow is born in the payment's transaction: who has paid never sees an order that nobody is asked to deliver.
WITHIN = {
    "pay_order": (start_fulfilment, start_provisioning),
    "file_appeal": (stop_for_appeal,),
    "decide_appeal": (follow_appeal,),
}
AFTER = {
    EVERY_FACT: (send_notices, sign_heads),
}
