"""Use cases of the demonstration: load the story through the ordinary services, give its pictures.

Nothing here writes rows of other features by itself: what the demonstration shows is what the
services made of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import Session, col, select

from app.accounts import service as accounts
from app.capture import jobs as capture_jobs
from app.capture import service as capture
from app.catalogue import service as catalogue
from app.catalogue.models import Batch, Product
from app.catalogue.schemas import BatchIn, PlaceIn, ProductIn
from app.demo import cast, story
from app.demo.cast import Firm
from app.demo.pictures import SAMPLES, Context, Sample, confirmed
from app.demo.story import Step
from app.i18n import LOCAL_ZONE
from app.issuing import service as issuing
from app.issuing.models import Serial
from app.issuing.schemas import SerialsIn
from app.problems import NotFound
from app.recall import service as recalls
from app.recall.schemas import RecallIn
from app.runtime import Runtime
from app.statements.schemas import Author
from app.verify.jobs import ScanBuffer
from gs1.equivalence import Key
from gs1.keys import Gtin

# Packs with a hidden code that are made at once; each can be confirmed only once.
CONFIRMABLE = 12
PERSON = "demo@nguon.example"
PASSWORD = "suoi-da-nguon-2026"  # noqa: S105 - printed on the demonstration's own page


def load(rt: Runtime) -> bool:
    """Tell the whole story to the services; False where it was told before."""
    marker = _folder(rt) / "loaded"
    if marker.exists():
        return False
    now = rt.now()
    parties = _register_firms(rt, story.moment(now, timedelta(days=720)))
    for step in story.tell(now):
        _act(rt, parties, step, story.moment(now, step.ago))
    _scan_around_the_country(rt, now)
    add_confirmable(rt, story.moment(now, story.ago(44, 9)))
    capture_jobs.worker(rt).drain()
    marker.write_text(now.isoformat(), encoding="utf-8")
    return True


def _register_firms(rt: Runtime, at: datetime) -> dict[str, int]:
    parties = {}
    with rt.db.write() as session:
        for firm in cast.FIRMS:
            party = accounts.create_party(
                session,
                name=firm.name,
                gln=firm.gln,
                prefixes=[firm.prefix],
                now=at,
                kind=firm.kind,
                address=firm.address,
                province=firm.province,
                phone=firm.phone,
            )
            party_id = parties[firm.prefix] = accounts.party_id(party)
            accounts.add_managed_key(session, party_id, parts=replace(rt.key_parts(), now=at))
        accounts.create_person(
            session,
            party_id=parties[cast.COOP.prefix],
            email=PERSON,
            name="Nguyễn Thị Minh Họa",
            password=PASSWORD,
            now=at,
        )
        coop = parties[cast.COOP.prefix]
        token = accounts.create_api_key(session, party_id=coop, label="demo", now=at)
    key = api_key_file(rt)
    key.touch(0o600)
    key.write_text(token + "\n", encoding="utf-8")
    return parties


def api_key_file(rt: Runtime) -> Path:
    """Give the file that holds the sample cooperative's API key."""
    return _folder(rt) / "api-key"


def _act(rt: Runtime, parties: dict[str, int], step: Step, at: datetime) -> None:
    """Carry out one step through the service that a client's request would reach."""
    past = replace(rt, now=lambda: at)
    author = Author.of(past, parties[step.firm.prefix])
    body = step.body
    if step.act == "events":
        _post(past, author, body["events"], at)
        return
    with rt.db.write() as session:
        match step.act:
            case "place":
                catalogue.register_place(session, author, PlaceIn.model_validate(body))
            case "product":
                catalogue.register_product(session, author, ProductIn.model_validate(body))
            case "batch":
                gtin = Gtin.parse(step.gtin)
                catalogue.register_batch(session, author, gtin, BatchIn.model_validate(body))
            case "serials":
                gtin = Gtin.parse(step.gtin)
                issuing.issue_serials(session, author, gtin, SerialsIn.model_validate(body))
            case "recall":
                recalls.recall(session, author, RecallIn.model_validate(body))


def _post(rt: Runtime, author: Author, events: list[dict[str, Any]], at: datetime) -> None:
    """Post a document and let the worker carry it out."""
    body = orjson.dumps(story.document(events, at))
    with rt.db.write() as session:
        capture.submit(session, author, body, capture.read(body))
    capture_jobs.capture(rt)


def _scan_around_the_country(rt: Runtime, now: datetime) -> None:
    """Let invented phones in six provinces ask about the copied serial."""
    key = Key.parse(story.unit(cast.MANGO, cast.COPIED)).canonical
    scans = ScanBuffer(rt.db)
    for number, province in enumerate(("01", "15", "31", "48", "68", "79", "92", "01", "79")):
        scans.add(
            key=key,
            state="ITEM_MATCHES",
            device=f"demo-device-{number}",
            province=province,
            scanned_at=now - timedelta(days=9 - number, hours=number),
        )
    scans.flush()


def add_confirmable(rt: Runtime, at: datetime) -> None:
    """Make further coffee packs with hidden codes, released at the roastery at this time."""
    past = replace(rt, now=lambda: at)
    with rt.db.write() as session:
        author = Author.of(past, _party_of(session, cast.COOP))
        wanted = SerialsIn(count=CONFIRMABLE, lot=cast.COFFEE_LOT, hidden_codes=True)
        reply = issuing.issue_serials(session, author, Gtin.parse(cast.COFFEE), wanted)
    made: dict[str, Any] = reply.body or {}
    serials, hidden = made["serials"], made["hidden_codes"]
    step = story.commission(cast.COOP, timedelta(), cast.ROASTERY, cast.COFFEE, serials)
    _post(past, author, step.body["events"], at)
    packs = {**_packs(rt), **dict(zip(serials, hidden, strict=True))}
    (_folder(rt) / "hidden-codes.json").write_bytes(orjson.dumps(packs))


def _party_of(session: Session, firm: Firm) -> int:
    found = accounts.owner_of(session, firm.prefix.ljust(12, "0"))
    if found is None:
        raise NotFound
    return found


def sample(state: str) -> Sample:
    """Give the sample picture that should end in a state; raises NotFound."""
    found = next((made for made in SAMPLES if made.state == state), None)
    if found is None:
        raise NotFound
    return found


def picture(rt: Runtime, state: str) -> bytes:
    """Give a sample picture as JPEG, drawn once and kept.

    A hidden code counts once only, so that picture shows the first pack that is still unused.
    """
    if state == "ITEM_CONFIRMED":
        serial, hidden = _unused_pack(rt)
        return _drawn(rt, confirmed(serial, hidden), serial)
    return _drawn(rt, sample(state), "")


def _drawn(rt: Runtime, made: Sample, seed: str) -> bytes:
    path = _folder(rt) / f"{made.state}{seed}.jpg"
    if not path.exists():
        with rt.db.read() as session:
            context = _context(session, rt)
        unfinished = path.with_suffix(".new")
        unfinished.write_bytes(made.photograph(context, seed))
        unfinished.replace(path)
    return path.read_bytes()


def _context(session: Session, rt: Runtime) -> Context:
    batches = session.exec(
        select(Product, Batch).join(Batch, col(Batch.product_id) == col(Product.id))
    )
    expiry = {
        (product.gtin, batch.lot): batch.expiry_date
        for product, batch in batches
        if batch.expiry_date
    }
    return Context(rt.now().astimezone(LOCAL_ZONE).date(), expiry, rt.settings.base_url)


def _unused_pack(rt: Runtime) -> tuple[str, str]:
    packs = _packs(rt)
    with rt.db.read() as session:
        used = set(
            session.exec(
                select(Serial.serial).where(
                    col(Serial.serial).in_(list(packs)), col(Serial.hidden_used_at).is_not(None)
                )
            )
        )
    for serial, hidden in packs.items():
        if serial not in used:
            return serial, hidden
    add_confirmable(rt, rt.now())
    capture_jobs.worker(rt).drain()
    return _unused_pack(rt)


def _packs(rt: Runtime) -> dict[str, str]:
    path = _folder(rt) / "hidden-codes.json"
    packs: dict[str, str] = orjson.loads(path.read_bytes()) if path.exists() else {}
    return packs


def _folder(rt: Runtime) -> Path:
    folder = rt.settings.data_dir / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
