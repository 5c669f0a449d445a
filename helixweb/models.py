"""Tables of the application itself: the tokens that sign a browser in, and those that other programs come with."""

from __future__ import annotations

from django.db import models

from workflows.models import new_id


class SignInToken(models.Model):
    """A single-use token; only its SHA-256 is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    created_at = models.DateTimeField(auto_now_add=True)


class AccessToken(models.Model):
    """A token of a program that has no browser, as git; only its SHA-256 is kept. ``name`` says what it is for."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class DatasetFetch(models.Model):
    """The last fetch of a public data set: ``queued``, ``fetching``, ``failed`` (``message`` says why) or ``done``.

    ``done`` counts bytes. A fetch whose row has not changed for long has died with its worker.
    """

    name = models.CharField(max_length=80, primary_key=True)
    status = models.CharField(max_length=10)
    message = models.TextField(blank=True)
    done = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()
