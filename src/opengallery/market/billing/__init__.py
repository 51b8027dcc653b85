"""What is owed: transactions, their conditions, bills."""
