"""The Django application ``helixweb``: the top of the house, which wires the parts together."""

from django.apps import AppConfig


class HelixwebConfig(AppConfig):
    name = "helixweb"
    label = "helixweb"

    def ready(self) -> None:
        from helixweb.jobs import asking, reading
        from helixweb.realtime import wiring

        wiring.connect()
        reading.connect()
        asking.connect()
