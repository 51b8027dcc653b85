"""The API: the same nouns and verbs as the pages."""
