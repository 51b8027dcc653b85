"""Who sells, and whether they can be paid."""
