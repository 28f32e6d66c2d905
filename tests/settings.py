"""The settings of a local start, but fast, and writing only to a folder that goes away."""

import atexit
import os
import shutil
import tempfile

os.environ |= {
    "SMADMIN_VAR": tempfile.mkdtemp(prefix="smadmin-tests-"),
    "SMADMIN_PRODUCTION": "0",
    "DEBUG": "0",
    "SECRET_KEY": "a secret key that only tests use",
    "AUDIT_KEY": "an audit key that only tests use",
}

os.environ.pop("AUDIT_CHECKPOINT", None)  # in the folder, too

from smadmin.settings import *  # noqa: F403
from smadmin.settings import DATABASES, MIDDLEWARE, VAR_DIR

atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)

# The default is slow on purpose, 0.4 s for each user that a test makes.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The live server has its own way to the static files.
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as outside of tests: threads that share a database in memory do not wait for locks.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
