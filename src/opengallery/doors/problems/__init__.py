"""A page for each kind of refusal."""
