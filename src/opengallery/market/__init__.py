"""What we do: the packages of the marketplace, each built only on those below it."""
