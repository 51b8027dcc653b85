"""The storefront: find a product, buy it."""
