"""What customers think, read before everybody reads it."""
