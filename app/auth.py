"""Who may call a view: every view carries one guard, and a view without one is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar, cast

from flask import Flask, current_app, g, request, session

from app.db import Session
from app.i18n import N_
from app.problems import Forbidden, Unauthenticated
from app.runtime import runtime

View = TypeVar("View", bound=Callable[..., object])
GUARD = "__guard__"


class Guard(StrEnum):
    """The three kinds of caller a view can be for."""

    PUBLIC = "public"
    API_KEY = "api_key"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Actor:
    """The party a request acts for, through a person or through a machine's key."""

    party_id: int
    person_id: int | None = None
    key_id: str | None = None


class Directory(Protocol):
    """Finds who a key or a session belongs to; accounts provides it, one layer up."""

    def actor_of_key(self, session: Session, token: str) -> Actor | None:
        """Give the actor of a valid, unrevoked API key."""

    def actor_of_person(self, session: Session, person_id: int, seal: str) -> Actor | None:
        """Give the actor of a person whose session is still good."""


def _guarded(view: View, guard: Guard) -> View:
    setattr(view, GUARD, guard)
    return view


def public(view: View) -> View:
    """Let anybody call this view."""
    return _guarded(view, Guard.PUBLIC)


def api_key(view: View) -> View:
    """Let only a machine with a valid API key call this view."""
    return _guarded(view, Guard.API_KEY)


def signed_in(view: View) -> View:
    """Let only a person who is signed in call this view."""
    return _guarded(view, Guard.SIGNED_IN)


def guard_of(view: Callable[..., object]) -> Guard | None:
    """Give a view's guard; None means that nobody may call it."""
    return cast("Guard | None", getattr(view, GUARD, None))


def actor() -> Actor:
    """Give the caller of a guarded view; raises Unauthenticated where there is none."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise Unauthenticated
    return found


def enforce() -> None:
    """Check the guard of the view about to run; without one the request is refused."""
    if request.endpoint is None or request.endpoint == "static":
        return
    match guard_of(current_app.view_functions[request.endpoint]):
        case Guard.PUBLIC:
            return
        case Guard.API_KEY:
            g.actor = _actor_of_key()
        case Guard.SIGNED_IN:
            g.actor = _actor_of_session()
        case None:
            raise Forbidden


def _directory() -> Directory:
    return cast(Directory, current_app.extensions["nguon_directory"])


def _actor_of_key() -> Actor:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": 'Bearer realm="nguon"'}
    if scheme.lower() != "bearer":
        raise Unauthenticated(N_("Send your API key as a bearer token."), headers=challenge)
    with runtime().db.read() as db:
        found = _directory().actor_of_key(db, token.strip())
    if found is None:
        raise Unauthenticated(N_("This API key is not valid."), headers=challenge)
    return found


def _actor_of_session() -> Actor:
    person_id, seal = session.get("person"), session.get("seal")
    if isinstance(person_id, int) and isinstance(seal, str):
        with runtime().db.read() as db:
            found = _directory().actor_of_person(db, person_id, seal)
        if found is not None:
            return found
    raise Unauthenticated


def init_app(app: Flask, directory: Directory) -> None:
    """Check guards before every request, against one directory of keys and people."""
    app.extensions["nguon_directory"] = directory
    app.before_request(enforce)
