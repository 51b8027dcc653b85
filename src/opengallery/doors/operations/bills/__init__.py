"""Every bill, and the monthly runs."""
