"""Supervised deliveries, from the seller's side."""
