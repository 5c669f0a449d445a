#!/usr/bin/env python
"""Django's own commands (migrate, makemigrations, shell) for whoever works on HelixWeb; users have ``helixweb``."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
