"""What other companies' systems tell us by themselves, signed."""
