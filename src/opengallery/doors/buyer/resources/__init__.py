"""What was bought: licences with their validity, and renewing them."""
