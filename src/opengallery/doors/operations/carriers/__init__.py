"""The logistics companies from which sellers and customers choose."""
