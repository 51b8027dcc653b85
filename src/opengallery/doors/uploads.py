"""Files that come with a form: the limits that the operator has set, said beside the field, and kept with the verb."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from opengallery.doors.pages import actor_of, now_of
from opengallery.kit.calendar import instant, local_date
from opengallery.kit.models import StoredFile
from opengallery.kit.uploads import IncomingFile, UploadRules, check_daily, check_files, kept
from opengallery.kit.uploads.rules import GIBIBYTE, MEBIBYTE, size_in_words
from opengallery.market.policy.models import Policy


def rules_of(policy: Policy) -> UploadRules:
    """What one submission and one day may hold (spec S-2, Q9)."""
    return UploadRules(
        max_bytes=policy["upload_max_mb"] * MEBIBYTE,
        max_files=policy["upload_max_files"],
        day_files=policy["upload_daily_files"],
        day_bytes=policy["upload_daily_gb"] * GIBIBYTE,
    )


def say_limits(field: forms.Field, limits: UploadRules, *, needed: bool) -> None:
    """Say at a file field what may be sent, in words and as hints to the browser; `needed`: at least one file."""
    words = {
        "most": limits.max_files, "size": size_in_words(limits.max_bytes), "kinds": ", ".join(limits.extensions),
    }  # fmt: skip
    if needed:
        field.help_text = _("At least one, at most %(most)d files of up to %(size)s each: %(kinds)s.") % words
    else:
        field.help_text = _("At most %(most)d files of up to %(size)s each: %(kinds)s.") % words
    field.widget.attrs |= {
        "accept": ",".join(limits.extensions), "data-max-bytes": limits.max_bytes, "data-max-files": limits.max_files,
    }  # fmt: skip


def files_in(request: HttpRequest, field: str) -> list[IncomingFile]:
    """The files that came in a field."""
    return cast("list[IncomingFile]", request.FILES.getlist(field))


@contextmanager
def kept_files(request: HttpRequest, field: str) -> Iterator[list[StoredFile]]:
    """Check the files of a field and keep them for as long as the verb in the block succeeds.

    InvalidInput at the field; nothing is kept of what is refused.
    """
    actor, now = actor_of(request), now_of(request)
    limits, files = rules_of(Policy.at(now)), files_in(request, field)
    check_files(files, limits, field=field)
    check_daily(actor.organisation_id or 0, files, limits, instant(local_date(now)), field=field)
    with kept(files, organisation_id=actor.organisation_id or 0, uploaded_by_id=actor.user_id, at=now) as stored:
        yield stored


def kinds_of(request: HttpRequest, field: str) -> list[str]:
    """The kind of each file of `field`: one for each, or, from a form without script, one for all of them."""
    said, files = request.POST.getlist(f"{field}_kind"), len(files_in(request, field))
    return said * files if len(said) == 1 else said[:files]
