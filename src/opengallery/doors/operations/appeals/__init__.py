"""Appeals: what either side asks the operator to decide."""
