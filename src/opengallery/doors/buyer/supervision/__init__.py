"""Deliveries that the organisation receives: watching, accepting, rejecting, reminding, taking back."""
