"""Delivery, watched: service flows from payment to acceptance."""
