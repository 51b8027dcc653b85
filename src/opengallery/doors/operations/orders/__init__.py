"""Every order."""
