"""Every fact."""
