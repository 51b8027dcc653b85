"""Undoing purchases by agreement with the seller."""
