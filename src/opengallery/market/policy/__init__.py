"""What the operator decided: dated settings, holidays."""
