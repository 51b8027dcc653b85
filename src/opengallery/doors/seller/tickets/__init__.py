"""What customers ask after the sale, how they reach the seller, and what they think of it."""
