"""Undo what was bought, by agreement."""
