"""JSON interface of the catalogue: products, batches and places under ``/api/v1``."""

from __future__ import annotations

from flask import Blueprint, Response

from app.auth import actor, api_key
from app.catalogue import service
from app.catalogue.schemas import BatchIn, PlaceIn, ProductIn
from app.openapi import gtin_of, json_response, listed, page, read_body
from app.runtime import runtime
from app.security import limited
from app.statements.api import answer

bp = Blueprint("catalogue", __name__, url_prefix="/api/v1")


@bp.post("/products")
@api_key
@limited("capture")
def create_product() -> Response:
    """Register a product."""
    data = read_body(ProductIn)
    return answer(lambda session, author: service.register_product(session, author, data))


@bp.get("/products")
@api_key
@limited("capture")
def products() -> Response:
    """List the caller's products."""
    after, limit = page()
    with runtime().db.read() as session:
        items = service.list_products(session, actor().party_id, after, limit)
    return listed(items, "gtin", limit)


@bp.get("/products/<gtin>")
@api_key
@limited("capture")
def product(gtin: str) -> Response:
    """Give one of the caller's products."""
    key = gtin_of(gtin)
    with runtime().db.read() as session:
        return json_response(service.get_product(session, actor().party_id, key))


@bp.post("/products/<gtin>/batches")
@api_key
@limited("capture")
def create_batch(gtin: str) -> Response:
    """Register a batch (lot) of a product."""
    key, data = gtin_of(gtin), read_body(BatchIn)
    return answer(lambda session, author: service.register_batch(session, author, key, data))


@bp.get("/products/<gtin>/batches")
@api_key
@limited("capture")
def batches(gtin: str) -> Response:
    """List the batches of one of the caller's products."""
    key = gtin_of(gtin)
    after, limit = page()
    with runtime().db.read() as session:
        items = service.list_batches(session, actor().party_id, key, after, limit)
    return listed(items, "lot", limit)


@bp.post("/places")
@api_key
@limited("capture")
def create_place() -> Response:
    """Register a place."""
    data = read_body(PlaceIn)
    return answer(lambda session, author: service.register_place(session, author, data))


@bp.get("/places")
@api_key
@limited("capture")
def places() -> Response:
    """List the caller's places."""
    after, limit = page()
    with runtime().db.read() as session:
        items = service.list_places(session, actor().party_id, after, limit)
    return listed(items, "gln", limit)
