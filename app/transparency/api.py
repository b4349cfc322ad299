"""The log for machines: checkpoint, tiles and entries by C2SP tlog-tiles, keys and policy."""

from __future__ import annotations

from flask import Blueprint, Response

from app.auth import public
from app.i18n import N_
from app.problems import NotFound
from app.runtime import runtime
from app.transparency import service
from ledger import log as ledger_log
from ledger.errors import MissingError, PathError
from ledger.tiles import CHECKPOINT

bp = Blueprint("transparency_api", __name__)

# A tile never changes once it is written (tlog-tiles); the checkpoint does with every entry.
IMMUTABLE = "public, max-age=31536000, immutable"
FRESH = "public, max-age=5"
TEXT = "text/plain; charset=utf-8"


def _file(path: str, content_type: str, cache: str) -> Response:
    try:
        body = runtime().tiles.read(path)
    except PathError:
        raise NotFound(N_("This is not the path of a tile.")) from None
    except MissingError:
        raise NotFound(N_("The log has no such tile yet.")) from None
    return _answer(body, content_type, cache)


def _answer(body: bytes | str, content_type: str, cache: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = cache
    return response


@bp.get("/log/checkpoint")
@public
def checkpoint() -> Response:
    """Give the last published checkpoint, a C2SP signed note."""
    return _file(CHECKPOINT, TEXT, FRESH)


@bp.get("/log/tile/<path:rest>")
@public
def tile(rest: str) -> Response:
    """Give a tile of hashes, or under ``entries/`` a bundle of entries."""
    return _file(f"tile/{rest}", "application/octet-stream", IMMUTABLE)


@bp.get("/log/keys")
@public
def keys() -> Response:
    """Give the log's key and every key of every party, with the indexes where it counts."""
    rt = runtime()
    with rt.db.read() as session:
        body = ledger_log.key_list(
            session.connection(), origin=rt.settings.log_origin, verifier=rt.signer.verifier
        )
    return _answer(body, "application/json", FRESH)


@bp.get("/log/policy")
@public
def policy() -> Response:
    """Give the trust policy by which a checkpoint of this log is to be believed."""
    rt = runtime()
    body = service.policy(rt.signer, rt.witnesses, f"{rt.settings.base_url}/log/")
    return _answer(body, TEXT, "public, max-age=300")
