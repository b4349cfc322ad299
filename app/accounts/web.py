"""Pages for people who work for a party: log-in, log-out, the account with products and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from app.accounts import service
from app.auth import actor, public, signed_in
from app.db import Session
from app.i18n import N_, _
from app.problems import Invalid
from app.runtime import runtime
from app.security import limited

bp = Blueprint("accounts", __name__)
PRODUCTS_SHOWN = 50


class ProductList(Protocol):
    """Gives a party's products in order of GTIN; the catalogue provides it, one feature up."""

    def __call__(
        self, session: Session, party_id: int, after: str, limit: int, /
    ) -> Sequence[Mapping[str, object]]:
        """Give up to ``limit`` products whose GTIN comes after ``after``."""


def init_app(app: Flask, products: ProductList) -> None:
    """Let the account page list products."""
    app.extensions["nguon_products"] = products


@bp.get("/login")
@public
def login_form() -> str:
    """Show the log-in form."""
    return render_template("accounts/login.html", email="", wrong=False)


@bp.post("/login")
@public
@limited("login")
def login() -> Response | tuple[str, int]:
    """Sign a person in, or show the form again with what was typed."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    with runtime().db.read() as db:
        person = service.check_password(db, email, password)
    if person is None:
        return render_template("accounts/login.html", email=email, wrong=True), 422
    session.clear()
    session.permanent = True
    session.update(person=person.id, seal=service.seal_of(person))
    return redirect(url_for("accounts.account"), 303)


@bp.post("/logout")
@public
def logout() -> Response:
    """End the session."""
    session.clear()
    return redirect(url_for("verify.home"), 303)


@bp.get("/account")
@signed_in
def account() -> str:
    """Show the party, its products (``?after=`` a GTIN) and its API keys."""
    return _account_page(token=None)


@bp.post("/account/keys")
@signed_in
@limited("login")
def create_key() -> str:
    """Make an API key and show it, this once."""
    label = request.form.get("label", "").strip()
    if not 1 <= len(label) <= 80:
        raise Invalid(N_("Give the key a name of up to 80 characters."))
    rt = runtime()
    with rt.db.write() as db:
        token = service.create_api_key(db, party_id=actor().party_id, label=label, now=rt.now())
    return _account_page(token=token)


@bp.post("/account/keys/<key_id>/revoke")
@signed_in
def revoke_key(key_id: str) -> Response:
    """End an API key."""
    rt = runtime()
    with rt.db.write() as db:
        service.revoke_api_key(db, party_id=actor().party_id, key_id=key_id, now=rt.now())
    flash(_("The key no longer works."))
    return redirect(url_for("accounts.account"), 303)


def _account_page(token: str | None) -> str:
    party_id, after = actor().party_id, request.args.get("after", "")[:14]
    list_products = cast(ProductList, current_app.extensions["nguon_products"])
    with runtime().db.read() as db:
        products = list_products(db, party_id, after, PRODUCTS_SHOWN + 1)
        return render_template(
            "accounts/account.html",
            party=service.get_party(db, party_id),
            prefixes=service.prefixes(db, party_id),
            keys=service.api_keys(db, party_id),
            signing_keys=service.signing_keys(db, party_id),
            products=products[:PRODUCTS_SHOWN],
            more=len(products) > PRODUCTS_SHOWN,
            after=after,
            token=token,
        )
