"""The log for people: its overview, the steps of a proof, the bundle to take home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Blueprint, Response, render_template

from app.auth import public
from app.i18n import N_
from app.problems import Problem
from app.runtime import runtime
from app.transparency import service
from app.transparency.service import LogView
from ledger.errors import LedgerError
from ledger.policy import Policy
from ledger.receipt import MEDIA_TYPE

bp = Blueprint("transparency", __name__)
VERIFIERS = Path(__file__).parents[2] / "docs" / "verify"


class ProofDoesNotHold(Problem):
    """The log's own parts contradict each other: nobody must be given a proof."""

    status = 500
    code = "proof-does-not-hold"
    title = N_("The proof does not hold")


@contextmanager
def _view() -> Iterator[LogView]:
    rt = runtime()
    with rt.db.read() as session:
        yield LogView.of(rt, session)


@contextmanager
def _log_that_holds() -> Iterator[None]:
    try:
        yield
    except LedgerError as error:
        raise ProofDoesNotHold(
            N_("Entry, tree and checkpoint do not lead to each other.")
        ) from error


@bp.get("/log")
@public
def log() -> Response:
    """Show the size of the log, its last checkpoint, and how to check it."""
    rt = runtime()
    policy = rt.witnesses.policy if rt.witnesses else Policy()
    with _view() as view, _log_that_holds():
        found = service.overview(view, rt.signer.verifiers, policy)
    page = render_template("transparency/log.html", log=found)
    return _fresh(Response(page))


@bp.get("/proof/<int:entry_index>/<int:position>")
@public
def proof(entry_index: int, position: int) -> Response:
    """Show the steps by which a record is proven, each carried out now."""
    with _view() as view:
        found = service.proof_page(view, (entry_index, position))
    page = render_template(
        "transparency/proof.html",
        record=found.record,
        steps=found.steps,
        bundle_url=found.bundle_url,
        log_key=found.log_key,
        deletion=found.deletion,
    )
    return _fresh(Response(page, 200 if found.holds else 500))


@bp.get("/proof/<int:entry_index>/<int:position>.json")
@public
def bundle(entry_index: int, position: int) -> Response:
    """Give the proof bundle that ``python -m ledger verify`` checks offline."""
    with _view() as view, _log_that_holds():
        body = service.bundle_file(view, (entry_index, position))
    response = Response(body, content_type="application/json")
    # A later checkpoint gives another, equally valid bundle; a short life is enough.
    response.headers["Cache-Control"] = "public, max-age=5"
    name = f"nguon-proof-{entry_index}-{position}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/proof/<int:entry_index>/<int:position>.cose")
@public
def receipt(entry_index: int, position: int) -> Response:
    """Give the COSE receipt of the record's entry, for readers of RFC 9942."""
    with _view() as view, _log_that_holds():
        body = service.receipt_file(view, (entry_index, position), runtime().signer)
    response = Response(body, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "public, max-age=5"
    name = f"nguon-proof-{entry_index}-{position}.cose"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/verify-offline/<any('verify.html','verify.py'):name>")
@public
def offline(name: str) -> Response:
    """Give a verifier to take home, to open without a network: the page, or the Python file."""
    kind = "text/html; charset=utf-8" if name == "verify.html" else "text/x-python; charset=utf-8"
    response = Response((VERIFIERS / name).read_bytes(), content_type=kind)
    response.headers["Cache-Control"] = "public, max-age=3600"
    # Only to be saved: it shall run from the reader's own disk, apart from this service.
    response.headers["Content-Disposition"] = f'attachment; filename="nguon-{name}"'
    return response


def _fresh(response: Response) -> Response:
    # The page speaks the reader's language and may name who is signed in.
    response.headers["Cache-Control"] = "private, max-age=5"
    return response
