"""Every setting, from the environment.

There are two modes. *Local*, the default of `manage.py`, needs nothing: it makes its own keys and
database in `VAR_DIR`. *Production*, SMADMIN_PRODUCTION=1, which `smadmin.wsgi` sets, speaks HTTPS
only and refuses to start without its keys and its host names.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("SMADMIN_VAR", default=str(BASE_DIR / "var"))).absolute()
PRODUCTION = env.bool("SMADMIN_PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)

if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("Unset DEBUG in production: it shows source code to visitors.")


def local_key(path: Path) -> str:
    """Read the key in `path`; the first of all processes that ask makes it."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only its owner may read what `mkstemp` makes. The link to it appears whole or not at all,
        # and never replaces what is there: when another process was faster, its key holds.
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        Path(draft).unlink()
    return path.read_text()


def key(name: str) -> str:
    # Not through `env`, which takes a value that starts with "$" for the name of another variable.
    if value := os.environ.get(name):
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(
            f"Set {name} in the environment to a long random text, the same at every start, for "
            'example from: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return local_key(VAR_DIR / name.lower().replace("_", "-"))


SECRET_KEY = key("SECRET_KEY")
AUDIT_KEY = key("AUDIT_KEY")  # signs audit entries; under another key the old ones do not verify
# Where the log ended, outside of the database; "" for none.
AUDIT_CHECKPOINT = env.str("AUDIT_CHECKPOINT", default=str(VAR_DIR / "audit-checkpoint"))

# Hosts and HTTPS

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

if PRODUCTION:
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "Set ALLOWED_HOSTS in the environment to this site's host names, with commas between."
        )
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    # With `__Host-` browsers refuse a cookie that a neighbouring subdomain or plain HTTP plants.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    CSRF_COOKIE_SECURE = True
    # Without a proxy that always sets this header, any visitor could claim to have come by HTTPS.
    if env.bool("SMADMIN_BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
else:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# The application

INSTALLED_APPS = [
    "capabilities",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # so that templates/ can override the templates of forms
    "csp",
    "django_ace",  # the text mode's editor, as static files
    "django_htmx",
]

# Those that set headers come first, so that static files and errors carry the headers too.
MIDDLEWARE = [
    "capabilities.request_ids.request_ids",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "capabilities.middleware.StaffLoginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "capabilities.middleware.no_store",
    "capabilities.middleware.no_nul",
]

# No WSGI_APPLICATION: `runserver` would import smadmin.wsgi, and with it production.
ROOT_URLCONF = "smadmin.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data

# IMMEDIATE: a transaction that first reads and then writes fails at once, whatever the timeout,
# when another one wrote meanwhile. FULL: with WAL, less may lose a commit at a power failure.
DATABASE_OPTIONS: dict[str, dict[str, Any]] = {
    "django.db.backends.sqlite3": {
        "timeout": 5,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
    "django.db.backends.postgresql": {
        "connect_timeout": 3,
        "options": "-c statement_timeout=10s -c lock_timeout=5s",
    },
}

if "DATABASE_URL" in env:
    database = env.db("DATABASE_URL")
else:
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "smadmin.sqlite3"}

database["OPTIONS"] = DATABASE_OPTIONS.get(database["ENGINE"], {}) | database.get("OPTIONS", {})
if database["ENGINE"] == "django.db.backends.postgresql":
    database.setdefault("CONN_MAX_AGE", 60)
    database.setdefault("CONN_HEALTH_CHECKS", True)

DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": env.cache("CACHE_URL", default="locmemcache://"),
    # In the memory of a process, apart from what is thrown away when there is much of it.
    "imports": env.cache("CACHE_URL", default="locmemcache://imports"),
}

# People

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=8 * 60 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token themselves; no script reads the cookie
CSRF_COOKIE_SAMESITE = "Lax"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# On an installation of one person, who proposes a change may also approve it; pages say so.
SINGLE_USER = env.bool("SMADMIN_SINGLE_USER", default=False)
# Where a release needs a second person, whoever wrote what is new of a machine does not release it.
RELEASE_BY_ANOTHER = env.bool("SMADMIN_RELEASE_BY_ANOTHER", default=False)

# Static files

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
if PRODUCTION:
    STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
    STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    WHITENOISE_USE_FINDERS = True  # served from where they are; nothing to collect

# Language and time

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# Logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_ids": {"()": "capabilities.request_ids.RequestIds"}},
    "formatters": {
        "plain": {
            "format": "{asctime} {levelname} {name} [{request_id}]: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request_ids"],
            "formatter": "plain",
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Takes away the handlers that Django gives to it, which would write some lines twice.
    "loggers": {"django": {"handlers": []}},
}

# Diagrams and uploads

DIAGRAM_SECONDS = env.float("DIAGRAM_SECONDS", default=3.0)  # that one attempt at a layout may take
# Imports of more lines are done in the background, with their progress on a page.
IMPORT_LONG_LINES = env.int("IMPORT_LONG_LINES", default=5000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # a page of 100,000 lines

# Deployment

# The names of the tables and columns of Workspaces that are other ones than `deployment/mapping.py`
# assumes, as a JSON object: {"transitions_source": "from_state"}.
try:
    WORKSPACES = env.json("WORKSPACES", default={})
except ValueError:  # a system check tells it, and so do the pages that need it
    WORKSPACES = env.str("WORKSPACES")

# Hosts that webhooks may call wherever they are, inside of this network and without TLS too.
# All others have to be on the public internet, by HTTPS.
WEBHOOK_HOSTS = env.list("WEBHOOK_HOSTS", default=[])
