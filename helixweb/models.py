"""Tables of the application itself: the tokens that sign a browser in."""

from __future__ import annotations

from django.db import models


class SignInToken(models.Model):
    """A single-use token; only its SHA-256 is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    created_at = models.DateTimeField(auto_now_add=True)
