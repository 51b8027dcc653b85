"""Who may sell."""
