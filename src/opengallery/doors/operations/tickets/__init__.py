"""Where the platform steps in between customer and seller."""
