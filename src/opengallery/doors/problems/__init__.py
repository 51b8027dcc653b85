"""A page for each type of refusal: what a problem document's `type` points at."""
