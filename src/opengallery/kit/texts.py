"""What counts as text: whatever can be stored, hashed and shown."""


def is_text(text: str) -> bool:
    """Tell whether a string is text: no NUL, which PostgreSQL cannot store, and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
