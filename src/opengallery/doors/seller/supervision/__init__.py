"""Deliveries that the organisation makes: requests, deliveries, shipments, activations, appeals."""
