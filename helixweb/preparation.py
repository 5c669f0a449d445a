"""What must be done before serving: bring the tables up to date, and give a newcomer the examples.

``python -m helixweb.preparation`` does it and writes a sign-in token to standard output, for its caller alone;
``--token`` makes only the token.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from workflows.errors import HelixError


def main() -> int:
    """Prepare, and write a token. Returns the exit status; what stood in the way goes to standard error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")
    try:
        django.setup()

        from helixweb.auth import new_token

        if "--token" not in sys.argv:
            prepare()
        sys.stdout.write(new_token())
    except (ImproperlyConfigured, DatabaseError, OSError, HelixError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def prepare() -> None:
    """Bring folders and tables up to date; at the very first start, make a workflow of each example."""
    from django.conf import settings
    from django.contrib.sessions.models import Session
    from django.core.management import call_command
    from django.utils import timezone

    from helixweb.places import make_private
    from helixweb.readiness import check_answer
    from workflows import services
    from workflows.models import Workflow

    check_answer()
    make_private(settings.STORE_ROOT)
    make_private(settings.GIT_ROOT)
    call_command("migrate", verbosity=0, interactive=False)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    if not Workflow.objects.exists():  # not even a deleted one: this is the first start
        for template in reversed(services.templates()):  # the page shows the newest first
            if template.name != "blank":
                services.create(template.title, template.name)


if __name__ == "__main__":
    sys.exit(main())
