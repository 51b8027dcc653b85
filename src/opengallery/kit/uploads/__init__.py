"""What may be uploaded, how it arrives, where it is kept and how it is handed out again.

A file is streamed to the disk while it is hashed, never held whole in memory; it is moved to its generated key
only inside the transaction that records it; it is served as an attachment and never from a web root.
"""

from opengallery.kit.uploads.bodies import BodyTooLarge, body_limit, refuse_oversized
from opengallery.kit.uploads.checks import check_daily, check_files
from opengallery.kit.uploads.incoming import (
    CutShort,
    IncomingFile,
    StreamingUploadHandler,
    receive,
    sweep_incoming,
)
from opengallery.kit.uploads.keeping import kept, sweep_stored
from opengallery.kit.uploads.names import safe_name
from opengallery.kit.uploads.rules import MEBIBYTE, UploadRules
from opengallery.kit.uploads.serving import serve

__all__ = [
    "MEBIBYTE",
    "BodyTooLarge",
    "CutShort",
    "IncomingFile",
    "StreamingUploadHandler",
    "UploadRules",
    "body_limit",
    "check_daily",
    "check_files",
    "kept",
    "receive",
    "refuse_oversized",
    "safe_name",
    "serve",
    "sweep_incoming",
    "sweep_stored",
]
