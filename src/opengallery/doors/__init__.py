"""Where people and machines come in: doors translate, make one call, and translate back."""
