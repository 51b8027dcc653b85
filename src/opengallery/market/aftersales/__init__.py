"""Repair and rate: tickets and ratings."""
