"""Tell people: messages in the site and by e-mail."""
