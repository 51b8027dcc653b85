"""Who is who: organisations, people, roles, API keys."""
