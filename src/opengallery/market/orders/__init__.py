"""The contract: orders, lines, frozen terms, resources."""
