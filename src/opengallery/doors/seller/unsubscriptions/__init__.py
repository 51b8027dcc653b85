"""Purchases that customers ask to undo: the review, and the goods that come back."""
