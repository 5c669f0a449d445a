"""The Django application ``versions``."""

from django.apps import AppConfig


class VersionsConfig(AppConfig):
    name = "versions"
    label = "versions"
