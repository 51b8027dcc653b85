"""Who in an organisation may buy and accept up to which amount, and from which budget."""
