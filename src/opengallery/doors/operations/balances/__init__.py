"""What organisations can spend and owe."""
