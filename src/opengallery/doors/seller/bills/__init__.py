"""The seller's bills."""
