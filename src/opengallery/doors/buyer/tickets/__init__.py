"""Asking the seller for help, and the platform when the seller does not."""
