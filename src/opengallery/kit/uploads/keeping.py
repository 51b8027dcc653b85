"""Files that stay: moved under a generated key and recorded in one transaction, or neither."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.files.storage import Storage, storages
from django.db import transaction

from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.uploads.contents import content_of
from opengallery.kit.uploads.incoming import IncomingFile, disk_time

PREFIX = "file"
ORPHAN_AGE = timedelta(days=1)
BATCH = 1000


@contextmanager
def kept(
    files: Sequence[IncomingFile], *, organisation_id: int, uploaded_by_id: int | None, at: datetime
) -> Iterator[list[StoredFile]]:
    """Keep the files for as long as the block succeeds; yield their rows, in order.

    The block runs in the same transaction as the rows: put it around the verb, not inside. Whatever is raised in it
    takes rows and files away. A crash, a failing commit or an outer transaction that is undone later leaves files
    without a row, which sweep_stored removes: a file that nobody knows is harmless, a row without its file is not.
    """
    keys: list[str] = []
    with transaction.atomic():
        try:
            stored = []
            for file in files:
                key = new_id(PREFIX, at)
                keys.append(key)
                stored.append(
                    StoredFile(
                        key=key,
                        name=file.name,
                        size=file.size,
                        sha256=file.sha256,
                        content_type=content_of(file.name).content_type,
                        organisation_id=organisation_id,
                        uploaded_by_id=uploaded_by_id,
                        uploaded_at=at,
                    )
                )
                _move(file, key)
            StoredFile.objects.bulk_create(stored)
            yield stored
        except BaseException:
            for key in keys:
                file_storage().delete(place_of(key))
            raise


def _move(file: IncomingFile, key: str) -> None:
    if not file.is_whole:
        raise ValueError(f"{file.name} was not taken in whole; check_files comes first")
    # The row will promise these bytes: they must be on the disk before it is.
    os.fsync(file.fileno())
    file_storage().save(place_of(key), file)
    file.close()


def file_storage() -> Storage:
    """Where kept files lie: the storage named "files", outside every web root."""
    return storages["files"]


def place_of(key: str) -> str:
    """Return a key's place in the storage: spread over 1024 folders by its last letters, which are random."""
    return f"{key[-2:]}/{key}"


def sweep_stored(older_than: timedelta = ORPHAN_AGE) -> int:
    """Delete stored files that no row knows, and return how many; `older_than` must outlast every transaction."""
    storage = file_storage()
    latest = disk_time() - older_than.total_seconds()
    swept = 0
    folders, _ = storage.listdir("")
    for folder in folders:
        keys = [key for key in storage.listdir(folder)[1] if key.startswith(f"{PREFIX}_")]
        for first in range(0, len(keys), BATCH):
            batch = keys[first : first + BATCH]
            known = set(StoredFile.objects.filter(key__in=batch).values_list("key", flat=True))
            for key in set(batch) - known:
                if storage.get_modified_time(place_of(key)).timestamp() <= latest:
                    storage.delete(place_of(key))
                    swept += 1
    return swept
