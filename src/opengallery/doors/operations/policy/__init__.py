"""Settings and holidays."""
