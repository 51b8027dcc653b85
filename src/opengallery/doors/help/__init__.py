"""The help center: the guides, word by word."""
