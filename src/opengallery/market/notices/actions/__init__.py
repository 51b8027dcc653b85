"""Tell people: write notices, hand on their copies, note what was read and what each person wants to hear."""

from opengallery.market.notices.actions.choose_channels import choose_channels
from opengallery.market.notices.actions.mark_read import mark_read
from opengallery.market.notices.actions.send_copies import send_copies
from opengallery.market.notices.actions.send_digests import next_digest_due, press_digests
from opengallery.market.notices.actions.send_notices import send_notices

__all__ = ["choose_channels", "mark_read", "next_digest_due", "press_digests", "send_copies", "send_notices"]
