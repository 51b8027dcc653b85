"""What happened: one append-only table of facts, hash-chained per order."""
