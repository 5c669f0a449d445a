"""Django's settings. Everything that differs between machines comes from the environment (``places.py``)."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from helixweb import addresses, confines, keeping, logs, places
from workflows.errors import HelixError

# A thread that computes keeps those that only pass something on waiting ten times less long than Python's usual 5 ms.
sys.setswitchinterval(0.0005)

HOME = places.make_private(places.home())
DATA_ROOT = places.data_root()
STORE_ROOT = places.store_root()
GIT_ROOT = HOME / "git"
FRONTEND = places.frontend_build()

try:
    REDIS = addresses.redis()
    POSTGRES = addresses.database()
    SITE = addresses.site()
    LIMITS = confines.limits()
    ISOLATION = confines.isolation()
    BUDGET = keeping.budget(STORE_ROOT)
    AUDIT = keeping.audit()
except HelixError as error:
    raise ImproperlyConfigured(error.message) from None
try:
    LEASE_SECONDS = float(os.environ.get("HELIX_LEASE_SECONDS", "15"))  # how long a run waits for a worker that died
except ValueError:
    raise ImproperlyConfigured("HELIX_LEASE_SECONDS is a number of seconds.") from None
EXAMPLES = places.examples()

SECRET_KEY = places.secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
# Origins other than the page's own that may call the API: a development server of the front end.
EXTRA_ORIGINS = [origin for origin in os.environ.get("HELIX_ORIGINS", "").split(",") if origin]
if SITE is not None:
    ALLOWED_HOSTS.append(str(SITE.hostname))
    EXTRA_ORIGINS.append(SITE.geturl())

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "workflows.apps.WorkflowsConfig",
    "versions.apps.VersionsConfig",
    "metrics.apps.MetricsConfig",
    "snapshots.apps.SnapshotsConfig",
    "helixweb.apps.HelixwebConfig",
]
MIDDLEWARE = [
    "helixweb.middleware.SecurityHeaders",
    "helixweb.middleware.JsonErrors",
    "helixweb.middleware.Methods",
    "helixweb.middleware.SameOrigin",
    "helixweb.middleware.Frontend",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "helixweb.urls"
ASGI_APPLICATION = "helixweb.asgi.application"
TEMPLATES: list[dict[str, Any]] = []
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
STATIC_URL = "/static/"
WHITENOISE_ROOT = FRONTEND if FRONTEND.is_dir() else None
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"  # Vite puts a hash into the name of everything there
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": HOME / "helixweb.sqlite3",
    "CONN_MAX_AGE": 0,
    "OPTIONS": {
        # A transaction that begins as a reader and then writes fails at once when another has written meanwhile,
        # and no time-out helps; beginning as a writer waits its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    },
}
DATABASES: dict[str, Any] = {"default": SQLITE if POSTGRES is None else POSTGRES.django()}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "helix_" + hashlib.sha256(str(HOME).encode()).hexdigest()[:8]  # cookies are shared by all ports
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = SITE is not None and SITE.scheme == "https"
SESSION_COOKIE_AGE = 30 * 24 * 3600

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "helixweb.realtime.layer.PatientLayer",
        "CONFIG": {
            # The layer blocks for 5 s at a time on an idle channel; the client's own limit of 5 s would race with that
            # and end the socket.
            "hosts": [{"address": REDIS, "socket_timeout": 30}],
            "prefix": "helix",
            "capacity": 1000,
        },
    }
}

LOGGING_CONFIG = None
try:
    logs.configure(os.environ.get("HELIX_LOG_LEVEL", "INFO"))
except ValueError:
    raise ImproperlyConfigured("HELIX_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR.") from None
