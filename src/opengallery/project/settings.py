"""Django's settings, from kit.env; what the operator may change at run time is in market.policy instead."""

import hashlib
from pathlib import Path
from typing import Any

import structlog
from psycopg.conninfo import conninfo_to_dict

from opengallery.kit.env import env

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = env.debug
SECRET_KEY = env.secret_key
ALLOWED_HOSTS = env.hosts
ROOT_URLCONF = "opengallery.project.urls"
WSGI_APPLICATION = "opengallery.project.wsgi.application"
SECURE = env.base_url.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "ninja",
    "pgtrigger",
    "procrastinate.contrib.django",
    "template_partials",
    "opengallery.kit",
    "opengallery.market.journal",
    "opengallery.market.policy",
    "opengallery.market.identity",
    "opengallery.market.sellers",
    "opengallery.market.catalog",
    "opengallery.market.ledger",
    "opengallery.market.billing",
    "opengallery.market.orders",
    "opengallery.market.supervision",
    "opengallery.market.provisioning",
    "opengallery.market.unsubscription",
    "opengallery.market.purchasing",
    "opengallery.market.aftersales",
    "opengallery.market.notices",
    "opengallery.doors",
    "opengallery.project.apps.ProjectConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "opengallery.doors.middleware.Doorkeeper",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "doors"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "opengallery.doors.frame.frame",
            ],
            "builtins": ["opengallery.doors.templatetags.gallery"],
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """Django's form of a libpq address, with a pool of connections for the web server's threads."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "opengallery"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_HEALTH_CHECKS": True,  # a restarted server costs nobody a failed page
        "OPTIONS": {
            "prepare_threshold": 1,  # for `kit.bulk.Prepared` alone: Django's own statements are bound by the client
            "pool": {"min_size": 1, "max_size": 10, "timeout": 10},
            # Starting parallel workers or a compiler costs more than any of our statements.
            "options": "-c max_parallel_workers_per_gather=0 -c jit=off",
        },
    }


DATABASES = {"default": database(env.database_url or "postgresql:///opengallery")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kit_cache"}}

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none" if env.demo or env.sandbox else "mandatory"
ACCOUNT_ADAPTER = "opengallery.doors.account.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "opengallery.doors.account.forms.SignupForm"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [env.base_url]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None

USE_TZ = True
TIME_ZONE = env.timezone
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = len(LANGUAGES) > 1  # every text is marked; with one language the machinery would only cost time

STATICFILES_DIRS = [BASE_DIR / "doors" / "static"]
# The address changes with the files, and so do relative ones inside style sheets: browsers may keep them for ever.
_looks = [
    (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(STATICFILES_DIRS[0].rglob("*.*"))
]
STATIC_URL = f"/static/{hashlib.sha256(repr(_looks).encode()).hexdigest()[:12]}/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": env.data / "files"}},
    "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": env.data / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31_536_000
FILE_UPLOAD_HANDLERS = ["opengallery.kit.uploads.StreamingUploadHandler"]
FILE_UPLOAD_TEMP_DIR = str(env.data / "files" / "incoming")
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 200

if env.mail_server:
    EMAIL_HOST, EMAIL_PORT = env.mail_server.host, env.mail_server.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.mail_server.user, env.mail_server.password
    EMAIL_USE_TLS = env.mail_server.security == "smtp+starttls"
    EMAIL_USE_SSL = env.mail_server.security == "smtps"
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = env.mail_folder
DEFAULT_FROM_EMAIL = env.mail_from

LOGGING_CONFIG = None
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
    ]
)
# The upload handler makes the folder with the first file: an unwritable one is reported by `up`, in one sentence.
SILENCED_SYSTEM_CHECKS = ["files.E001"]
