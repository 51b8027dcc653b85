"""The limits of uploads, as the operator has set them."""

from opengallery.kit.uploads import UploadRules
from opengallery.kit.uploads.rules import GIBIBYTE, MEBIBYTE
from opengallery.market.policy.models import Policy


def rules_of(policy: Policy) -> UploadRules:
    """What one submission and one day may hold (spec S-2, Q9)."""
    return UploadRules(
        max_bytes=policy["upload_max_mb"] * MEBIBYTE,
        max_files=policy["upload_max_files"],
        day_files=policy["upload_daily_files"],
        day_bytes=policy["upload_daily_gb"] * GIBIBYTE,
    )
