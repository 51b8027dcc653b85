"""Note that a person has read the messages."""

from datetime import datetime

from opengallery.kit.actor import Actor
from opengallery.kit.verbs import atomic
from opengallery.market.notices.models import Notice


@atomic
def mark_read(*, by: Actor, at: datetime) -> int:
    """Mark all of a person's messages as read; return how many were new."""
    return Notice.objects.of(by.user_id, by.organisation_id).filter(read_at=None).update(read_at=at)
