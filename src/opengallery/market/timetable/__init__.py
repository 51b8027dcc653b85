"""The clock's hand: everything that has a due column, pressed in the order of its due times."""
