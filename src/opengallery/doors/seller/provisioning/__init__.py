"""The seller's own systems: which of them is called for a product, and what came of the calls."""
