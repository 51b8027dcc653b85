"""Requests to undo a purchase: the operator decides those that the seller has left unanswered."""
