"""The shelf: products, specifications, SKUs, prices."""
