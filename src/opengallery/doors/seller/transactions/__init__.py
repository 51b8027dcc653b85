"""What the seller is owed, and why it is not billed yet."""
