"""The buyer console: My Gallery."""
