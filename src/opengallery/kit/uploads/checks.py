"""Whether the files of a submission may be kept; every refusal names the file and says why."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Sum

from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.kit.uploads.contents import content_of, looks_like
from opengallery.kit.uploads.incoming import IncomingFile
from opengallery.kit.uploads.names import extension_of
from opengallery.kit.uploads.rules import UploadRules, size_in_words


def check_files(files: Iterable[IncomingFile], rules: UploadRules, *, field: str = "deliverables") -> None:
    """Raise InvalidInput with one message at `field` for each file that may not be kept (spec S-2, AT-99).

    Each message begins with the file's name. How many files are needed is the caller's question.
    """
    messages = []
    for place, file in enumerate(files, start=1):
        if reason := _refusal(file, place, rules):
            messages.append(f"{file.name}: {reason}")
    if messages:
        raise InvalidInput({field: messages})


def _refusal(file: IncomingFile, place: int, rules: UploadRules) -> str:
    if file.one_too_many or place > rules.max_files:
        return f"at most {rules.max_files} files can be uploaded at a time, and this is one too many."
    if extension_of(file.name) not in rules.extensions:
        return f"this kind of file is not accepted; accepted are {', '.join(rules.extensions)}."
    if file.too_large or file.size > rules.max_bytes:
        return f"the file is larger than {size_in_words(rules.max_bytes)}."
    if file.size == 0:
        return "the file is empty."
    content = content_of(file.name)
    if content.fits(file.path):
        return ""
    found = looks_like(file.path)
    return f"the content is not {content.noun}{f', it looks like {found}' if found else ''}."


def check_daily(
    organisation_id: int,
    files: Sequence[IncomingFile],
    rules: UploadRules,
    day_start: datetime,
    *,
    field: str = "deliverables",
) -> None:
    """Raise InvalidInput when these files would pass the organisation's number or bytes since `day_start` (spec S-2).

    It protects the disk, not the books: of two submissions at the same moment both may pass, and the day ends over.
    """
    today = StoredFile.objects.filter(organisation_id=organisation_id, uploaded_at__gte=day_start).aggregate(
        number=Count("key"), size=Sum("size", default=0)
    )
    number, size = today["number"], int(today["size"])
    messages = []
    for file in files:
        number, size = number + 1, size + file.size
        if number > rules.day_files:
            messages.append(f"{file.name}: {rules.day_files} files have been uploaded today; please go on tomorrow.")
        elif size > rules.day_bytes:
            messages.append(
                f"{file.name}: with it, more than {size_in_words(rules.day_bytes)} would be uploaded today; "
                "please go on tomorrow."
            )
    if messages:
        raise InvalidInput({field: messages})
