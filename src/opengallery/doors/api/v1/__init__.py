"""Version 1 of the API: a module per noun; it grows by addition only."""
