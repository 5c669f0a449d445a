"""Who may come in: single-use tokens, the sessions they are exchanged for, access tokens, and our own origins."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from helixweb.models import AccessToken, SignInToken
from helixweb.realtime.publish import publish, session_group
from workflows.errors import HelixError

TOKEN_LIFE = timedelta(hours=24)
SIGNED_IN = "signed_in"


class NotSignedIn(HelixError):
    code = "not-signed-in"

    def __init__(self) -> None:
        super().__init__("You are not signed in. Open the address that HelixWeb printed when it started.")


class TokenRefused(HelixError):
    code = "token-refused"

    def __init__(self) -> None:
        super().__init__("This sign-in address was used before, or is too old. Print a new one with `helixweb token`.")


class AccessTokenNotFound(HelixError):
    code = "access-token-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such access token; it may have been deleted already.")


class ForeignHost(HelixError):
    code = "foreign-host"

    def __init__(self) -> None:
        super().__init__(f"HelixWeb answers to these names alone: {', '.join(settings.ALLOWED_HOSTS)}.")


class ForeignOrigin(HelixError):
    code = "foreign-origin"

    def __init__(self) -> None:
        super().__init__("This request came from a page of another site, so it was refused.")


def new_token() -> str:
    """Make a single-use token; outdated ones are dropped. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        SignInToken.objects.filter(created_at__lt=timezone.now() - TOKEN_LIFE).delete()
        SignInToken.objects.create(digest=_digest(token))
    return token


def sign_in(request: HttpRequest, token: str) -> None:
    """Exchange a token for a session. Raises TokenRefused where it is unknown, used or too old."""
    fresh = SignInToken.objects.filter(digest=_digest(token), created_at__gte=timezone.now() - TOKEN_LIFE)
    with transaction.atomic():
        deleted, _ = fresh.delete()  # whoever deletes the row is the one who used it
        if not deleted:
            raise TokenRefused
        request.session.cycle_key()
        request.session[SIGNED_IN] = True


def sign_out(request: HttpRequest) -> None:
    """End the session on the server: the cookie is worth nothing after that, and sockets that it opened are closed."""
    key = request.session.session_key
    request.session.flush()
    if key is not None:
        publish(session_group(key), {"type": "session.ended"})


def signed_in(session: Mapping[str, Any]) -> bool:
    """Whether a session belongs to somebody who signed in."""
    return bool(session.get(SIGNED_IN))


def new_access_token(name: str) -> tuple[AccessToken, str]:
    """Make a token for a program that has no browser; returns its row, and the token, which is kept nowhere."""
    token = "helix_" + secrets.token_urlsafe(32)
    return AccessToken.objects.create(digest=_digest(token), name=name), token


def revoke(token_id: str) -> None:
    """Have an access token be worth nothing. Raises AccessTokenNotFound."""
    deleted, _ = AccessToken.objects.filter(id=token_id).delete()
    if not deleted:
        raise AccessTokenNotFound


def accepted(token: str) -> bool:
    """Whether an access token is one of ours; that it was used is noted, to the minute."""
    found = AccessToken.objects.filter(digest=_digest(token)).first()
    if found is None:
        return False
    now = timezone.now()
    if found.used_at is None or now - found.used_at > timedelta(minutes=1):
        AccessToken.objects.filter(id=found.id).update(used_at=now)
    return True


def own_origin(origin: str, scheme: str, host: str) -> bool:
    """Whether a browser's Origin header names the very address that the request was sent to."""
    return origin == f"{scheme}://{host}" or origin in settings.EXTRA_ORIGINS


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
