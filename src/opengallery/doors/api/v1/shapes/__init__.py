"""What the API shows of each noun: a TypedDict that documents it, and the function that fills it in."""
