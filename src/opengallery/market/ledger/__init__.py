"""The books: accounts and transfers, written in ink."""
