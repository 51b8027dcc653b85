"""Provisioning: the seller's own system is asked to provide what was bought as software by subscription."""
