"""The door of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opengallery.project.settings")
application = get_wsgi_application()

# What is loaded now stays for ever, and a request's objects die with it: the collector need not look so often.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 20, 20)
