"""Log in, log out, sign up: django-allauth behind our frame."""
