"""The seller console."""
