"""Deliveries that the organisation receives: asked for, watched, accepted, rejected, appealed about, taken back."""
