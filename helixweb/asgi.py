"""The ASGI application: HTTP to Django, the one WebSocket to its consumer."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402  (models must be loaded first)

from helixweb.realtime.socket import socket_application  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": socket_application})
