"""The seller's products."""
