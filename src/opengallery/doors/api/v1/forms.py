"""Forms and files, as the description tells of them."""

from typing import Any

MULTIPART = "multipart/form-data"


def attachment(content_type: str) -> dict[str, Any]:
    """The description of an answer that is a file."""
    content = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": "The file, as an attachment", "content": content}}}
