"""Writes frontend/src/core/schema.ts: the types of what crosses to the browser, as the API describes it.

No server runs for it: the description is made in this process, and openapi-typescript reads it from a pipe.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
TARGET = FRONTEND / "src" / "core" / "schema.ts"
COMMAND = (
    str(ROOT / "scripts" / "node"),
    "node_modules/.bin/openapi-typescript",
    "--default-non-nullable=false",  # a field that has a default may be left out of what is sent
    "--root-types",
    "--root-types-no-schema-prefix",
)


def typescript() -> str:
    """The text of the module."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")
    django.setup()
    from helixweb.api import api
    from helixweb.description import described

    description = json.dumps(described(api))
    done = subprocess.run(COMMAND, cwd=FRONTEND, input=description, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    TARGET.write_text(typescript(), encoding="utf-8")
