"""Purchasing: what an organisation demands of its own purchases, its cost centres, and who stands in for whom."""
