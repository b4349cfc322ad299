"""Use cases of issuing: serial numbers with hidden codes, SSCCs, labels."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import insert
from sqlmodel import Session

from app.catalogue import queries as catalogue_queries
from app.catalogue import service as catalogue
from app.catalogue.models import Batch, Product
from app.i18n import LOCAL_ZONE, N_, Language
from app.issuing import queries, rules
from app.issuing.models import Serial, SerialIssue
from app.issuing.schemas import (
    MOST_PRINTED,
    Device,
    HiddenUse,
    LabelIn,
    LogisticIn,
    SerialsIn,
    SheetForm,
    SheetIn,
    SsccsIn,
    Symbol,
)
from app.problems import Conflict, FieldError, Invalid, NotFound, from_gs1
from app.statements import service as statements
from app.statements.schemas import Author, Reply
from gs1.element_string import ElementString
from gs1.epcis import canonical_json
from gs1.errors import Gs1Error
from gs1.keys import Gtin, Sscc
from scanner.errors import SymbolError
from scanner.label import Label
from scanner.logistic import LogisticLabel
from scanner.sheet import TEMPLATES, AnyLabel, Job, preview, printed
from scanner.symbols import Kind

KIND = "issuing"
_RETAIL: dict[int, Kind] = {8: "ean-8", 12: "upc-a", 13: "ean-13"}
_KINDS: dict[Symbol, Kind] = {
    "datamatrix": "gs1-datamatrix",
    "datamatrix-rectangular": "gs1-datamatrix-rectangular",
    "gs1-128": "gs1-128",
    "databar": "databar-expanded",
    "databar-stacked": "databar-expanded-stacked",
}


def issue_serials(session: Session, author: Author, gtin: Gtin, data: SerialsIn) -> Reply:
    """Issue serials of an own product, at random or as its maker numbered them.

    The signed record commits to the list without showing unsold serials. A repetition of a given
    list answers 200 with the same serials; its hidden codes were shown once and are not kept.
    """
    statements.hold(session)
    product = catalogue.own_product(session, author.party_id, gtin)
    batch = catalogue.own_batch(session, product, data.lot, "/lot") if data.lot else None
    batch_id = batch.id if batch else None
    serials = data.serials or _unissued(session, author, product, data.count or 0)
    if data.serials and _is_repetition(session, product, serials, batch_id):
        return Reply(200, _serials_out(product, data, serials))
    issue = _record_issue(session, author, product, data, serials, batch_id)
    hidden = _hidden_codes(author, serials) if data.hidden_codes else []
    _store(session, author, product, issue, serials, hidden)
    body = _serials_out(product, data, serials)
    return Reply(201, {**body, "hidden_codes": hidden} if hidden else body, kept=body)


def issue_ssccs(session: Session, author: Author, data: SsccsIn) -> Reply:
    """Take the next SSCCs under the party's company prefixes."""
    statements.hold(session)
    taken = catalogue.next_ssccs(session, author.party_id, data.count)
    return Reply(201, {"ssccs": [str(sscc) for sscc in taken]})


def label(
    session: Session, party_id: int, gtin: Gtin, wanted: LabelIn, base_url: str, language: Language
) -> Label:
    """Describe a label of an own product; lot and serial on it must be registered and issued.

    ``base_url`` is the stem of the Digital Link in a QR Code.
    """
    product = catalogue.own_product(session, party_id, gtin)
    batch = catalogue.own_batch(session, product, wanted.lot, "lot") if wanted.lot else None
    if wanted.serial:
        batch = _batch_of_serial(session, product, wanted.serial, batch)
    design = Design(wanted.symbol, base_url, language)
    return design.label(product, batch, wanted.serial)


@dataclass(frozen=True, slots=True)
class Design:
    """What labels of one order have in common."""

    symbol: Symbol
    base_url: str
    language: Language

    def label(
        self, product: Product, batch: Batch | None, serial: str | None, hidden: str = ""
    ) -> Label:
        """Describe the label of a product, a batch or a unit."""
        kind, data = self._symbol(product, batch, serial)
        return Label(
            kind=kind,
            data=data,
            name=product.name,
            lot=batch.lot if batch else "",
            produced=batch.production_date if batch else None,
            expiry=batch.expiry_date if batch else None,
            net_content=product.net_content,
            language=self.language,
            hidden=hidden,
        )

    def _symbol(
        self, product: Product, batch: Batch | None, serial: str | None
    ) -> tuple[Kind, str]:
        if self.symbol == "ean13":
            length = Gtin.parse(product.gtin).natural_length
            return _RETAIL.get(length, "ean-13"), product.gtin
        expiry = batch.expiry_date if batch else None
        items = [("01", product.gtin)]
        items += [("10", batch.lot)] if batch else []
        items += [("17", expiry.strftime("%y%m%d"))] if expiry else []
        items += [("21", serial)] if serial else []
        elements = ElementString.of(tuple(items))
        if self.symbol == "qr":
            return "digital-link-qr", elements.to_digital_link(self.base_url)
        return _KINDS[self.symbol], elements.to_bracketed()


def _batch_of_serial(
    session: Session, product: Product, serial: str, batch: Batch | None
) -> Batch | None:
    """Give the batch that a serial was issued for; raises where the label would contradict it."""
    issued = queries.serial(session, catalogue.product_id(product), serial)
    if issued is None:
        detail = N_("This serial is not issued.")
        raise NotFound(errors=[FieldError("serial", "serial_unknown", detail)])
    if batch is not None and issued.batch_id != batch.id:
        detail = N_("This serial was not issued for this batch.")
        raise Conflict(errors=[FieldError("lot", "serial_of_other_batch", detail)])
    return session.get(Batch, issued.batch_id) if issued.batch_id is not None else None


def list_serials(
    session: Session, party_id: int, gtin: Gtin, after: str, limit: int
) -> list[dict[str, Any]]:
    """Give the serials of an own product in their order, from the one behind ``after``."""
    product = catalogue.own_product(session, party_id, gtin)
    rows = queries.serials(session, catalogue.product_id(product), after, limit)
    return [
        {
            "serial": row.serial,
            "lot": lot,
            "hidden_code": row.hidden_hash is not None,
            "issuedAt": row.issued_at.isoformat(timespec="milliseconds"),
        }
        for row, lot in rows
    ]


def _unissued(session: Session, author: Author, product: Product, count: int) -> list[str]:
    """Draw random serials, again if chance or the maker's own numbering took one of them."""
    while True:
        drawn = rules.random_serials(author.rng, count)
        if not queries.taken(session, catalogue.product_id(product), drawn):
            return drawn


def _is_repetition(
    session: Session, product: Product, serials: Sequence[str], batch_id: int | None
) -> bool:
    """Tell whether exactly this list was issued before; raises where only parts of it were."""
    again = rules.repeated(serials)
    if again:
        raise Invalid(
            errors=[_duplicate(i, N_("This serial stands twice in the list.")) for i in again]
        )
    taken = queries.taken(session, catalogue.product_id(product), serials)
    if not taken:
        return False
    issues = set(taken.values())
    if len(taken) == len(serials) and len(issues) == 1:
        issue = queries.issue(session, issues.pop())
        if issue.count == len(serials) and issue.batch_id == batch_id:
            return True
    detail = N_("This serial is already issued.")
    where = [i for i, serial in enumerate(serials) if serial in taken]
    raise Conflict(errors=[_duplicate(i, detail) for i in where[:100]])


def _duplicate(position: int, detail: str) -> FieldError:
    clause = "GS1 General Specifications 3.5.1"
    return FieldError(f"/serials/{position}", "duplicate_serial", detail, clause)


def _record_issue(
    session: Session,
    author: Author,
    product: Product,
    data: SerialsIn,
    serials: Sequence[str],
    batch_id: int | None,
) -> SerialIssue:
    salt = author.rng.randbytes(32)
    digest = rules.list_digest(salt, serials)
    record = {
        "type": "SerialIssue",
        "gtin": product.gtin,
        **({"lot": data.lot} if data.lot else {}),
        "count": len(serials),
        "digest": digest.hex(),
    }
    index = statements.append(session, author, KIND, [canonical_json(record)]).index
    issue = SerialIssue(
        product_id=catalogue.product_id(product),
        batch_id=batch_id,
        count=len(serials),
        salt=salt,
        digest=digest,
        issued_at=author.now,
        entry_index=index,
    )
    session.add(issue)
    session.flush()
    return issue


def _hidden_codes(author: Author, serials: Sequence[str]) -> list[str]:
    return [rules.random_hidden(author.rng) for _ in serials]


def _store(
    session: Session,
    author: Author,
    product: Product,
    issue: SerialIssue,
    serials: Sequence[str],
    hidden: Sequence[str],
) -> None:
    key = rules.hidden_key(author.secret.get_secret_value())
    codes: Sequence[str | None] = hidden or [None] * len(serials)
    rows = [
        {
            "product_id": issue.product_id,
            "batch_id": issue.batch_id,
            "issue_id": issue.id,
            "serial": serial,
            "issued_at": author.now,
            "hidden_hash": code and rules.hidden_hash(key, product.gtin, serial, code),
            "hidden_failures": 0,
        }
        for serial, code in zip(serials, codes, strict=True)
    ]
    session.execute(insert(Serial), rows)


def _serials_out(product: Product, data: SerialsIn, serials: Sequence[str]) -> dict[str, Any]:
    return {"gtin": product.gtin, "lot": data.lot, "serials": list(serials)}


def use_hidden_code(
    session: Session, asker: Device, gtin14: str, serial: str, code: str
) -> HiddenUse:
    """Try a hidden one-time code for the first and only time that it confirms a unit.

    The device that used it gets the same receipt again within a day, so that a reload does not
    look like a second use. After five wrong codes in a day the unit is locked until the next one.
    """
    product = catalogue_queries.product(session, gtin14)
    row = queries.serial_for_update(session, product.id, serial) if product else None
    if row is None or row.hidden_hash is None:
        return HiddenUse("none")
    today = asker.now.astimezone(LOCAL_ZONE).date()
    failures = row.hidden_failures if row.hidden_failed_on == today else 0
    if failures >= rules.HIDDEN_TRIES:
        return HiddenUse("locked")
    key = rules.hidden_key(asker.secret.get_secret_value())
    if not hmac.compare_digest(row.hidden_hash, rules.hidden_hash(key, gtin14, serial, code)):
        row.hidden_failures, row.hidden_failed_on = failures + 1, today
        session.add(row)
        return HiddenUse("wrong", left=rules.HIDDEN_TRIES - failures - 1)
    if row.hidden_used_at is None:
        row.hidden_used_at, row.hidden_used_by = asker.now, asker.device
        row.hidden_receipt = rules.receipt(asker.rng)
        session.add(row)
        return HiddenUse("first", asker.now, row.hidden_receipt)
    again = row.hidden_used_by == asker.device
    if again and asker.now - row.hidden_used_at <= rules.HIDDEN_GRACE:
        return HiddenUse("again", row.hidden_used_at, row.hidden_receipt)
    return HiddenUse("used", row.hidden_used_at)


def sheet_labels(
    session: Session, party_id: int, wanted: SheetIn, base_url: str, language: Language
) -> list[Label]:
    """Describe the labels of a sheet; raises Invalid, NotFound or Conflict naming each serial.

    A hidden code must be the one that was issued with its serial.
    """
    product = catalogue.own_product(session, party_id, wanted.gtin)
    batch = catalogue.own_batch(session, product, wanted.lot, "/lot") if wanted.lot else None
    design = Design(wanted.symbol, base_url, language)
    if wanted.serials is None:
        return [design.label(product, batch, None)]
    issued = _issued(session, product, batch, wanted.serials)
    hidden = wanted.hidden_codes or [""] * len(issued)
    _check_order(wanted, len(hidden))
    return [
        design.label(product, lot, row.serial, rules.normal_hidden(code))
        for (row, lot), code in zip(issued, hidden, strict=True)
    ]


def check_hidden_codes(session: Session, party_id: int, wanted: SheetIn, secret: SecretStr) -> None:
    """Raise Invalid naming each hidden code that was not issued with its serial."""
    product = catalogue.own_product(session, party_id, wanted.gtin)
    rows = queries.with_batches(session, catalogue.product_id(product), wanted.serials or ())
    key = rules.hidden_key(secret.get_secret_value())
    wrong = []
    for at, (serial, code) in enumerate(
        zip(wanted.serials or (), wanted.hidden_codes or (), strict=False)
    ):
        found = rows.get(serial)
        kept = found[0].hidden_hash if found else None
        given = rules.hidden_hash(key, product.gtin, serial, code)
        if kept is None or not hmac.compare_digest(kept, given):
            detail = N_("This is not the hidden code that was issued with the serial.")
            wrong.append(FieldError(f"/hidden_codes/{at}", "hidden_code", detail))
    if wrong:
        raise Invalid(errors=wrong[:100])


def _issued(
    session: Session, product: Product, batch: Batch | None, serials: Sequence[str]
) -> list[tuple[Serial, Batch | None]]:
    """Give issued serials with their batches, in the order asked for; names each that is not."""
    again = rules.repeated(serials)
    if again:
        detail = N_("This serial stands twice in the list.")
        raise Invalid(errors=[_duplicate(at, detail) for at in again])
    rows = queries.with_batches(session, catalogue.product_id(product), serials)
    unknown = [at for at, serial in enumerate(serials) if serial not in rows]
    if unknown:
        detail = N_("This serial is not issued.")
        faults = [FieldError(f"/serials/{at}", "serial_unknown", detail) for at in unknown[:100]]
        raise NotFound(errors=faults)
    found = [rows[serial] for serial in serials]
    other = [at for at, (_, lot) in enumerate(found) if batch and lot != batch]
    if other:
        detail = N_("This serial was not issued for this batch.")
        code = "serial_of_other_batch"
        raise Conflict(errors=[FieldError(f"/serials/{at}", code, detail) for at in other[:100]])
    return found


def _check_order(wanted: SheetIn, hidden: int) -> None:
    serials = len(wanted.serials or ())
    if hidden != serials:
        detail = N_("Give one hidden code for each serial, in the same order.")
        raise Invalid(errors=[FieldError("/hidden_codes", "hidden_codes", detail)])
    if serials * wanted.copies > MOST_PRINTED:
        detail = N_("At most %(count)s labels are printed at once, copies included.")
        fault = FieldError("/copies", "too_many", detail, None, {"count": MOST_PRINTED})
        raise Invalid(errors=[fault])


def logistic_label(
    session: Session, party_id: int, wanted: LogisticIn, language: Language
) -> LogisticLabel:
    """Describe a logistic label; the SSCC must be the party's, what it holds be registered."""
    try:
        sscc = Sscc.parse(wanted.sscc)
    except Gs1Error as error:
        raise from_gs1(error, "/sscc") from None
    catalogue.require_own(session, party_id, sscc.value[1:], "/sscc", sscc)
    items = [("00", sscc.value)]
    name = wanted.name
    if wanted.gtin is not None:
        product = catalogue.own_product(session, party_id, wanted.gtin)
        batch = catalogue.own_batch(session, product, wanted.lot, "/lot") if wanted.lot else None
        expiry = batch.expiry_date if batch else None
        items += [("02", product.gtin)]
        items += [("17", expiry.strftime("%y%m%d"))] if expiry else []
        items += [("37", str(wanted.count))]
        items += [("10", batch.lot)] if batch else []
        name = name or product.name
    data = ElementString.of(tuple(items)).to_bracketed()
    return LogisticLabel(data, name, tuple(wanted.lines), language)


def sheet_job(wanted: SheetIn | LogisticIn) -> Job:
    """Give how labels go to paper; raises Invalid where the sheet has no such place."""
    template = TEMPLATES[wanted.template]
    if isinstance(wanted, LogisticIn):
        return Job(template, copies=wanted.copies, dpi=wanted.dpi, title="SSCC")
    if wanted.start > template.places:
        detail = N_("This sheet has the places 1 to %(places)s.")
        params = {"places": template.places}
        raise Invalid(errors=[FieldError("/start", "start", detail, None, params)])
    return Job(
        template,
        start=wanted.start,
        copies=wanted.copies,
        cut_marks=wanted.cut_marks,
        offset=(wanted.offset_x, wanted.offset_y),
        dpi=wanted.dpi,
        title=f"GTIN {wanted.gtin}",
    )


def print_labels(labels: Sequence[AnyLabel], job: Job, form: SheetForm) -> bytes:
    """Print labels to a file once each was read back; raises Invalid naming the one that fails."""
    try:
        return printed(labels, job, form)
    except SymbolError as error:
        raise Invalid(errors=[FieldError("/symbol", error.code, str(error))]) from None


def preview_labels(labels: Sequence[AnyLabel], job: Job) -> bytes:
    """Give the first sheet as a PNG for the screen; raises Invalid naming the label at fault."""
    try:
        return preview(labels, job)
    except SymbolError as error:
        raise Invalid(errors=[FieldError("/symbol", error.code, str(error))]) from None


def label_choices(session: Session, party_id: int, gtin: Gtin) -> tuple[Product, list[str], bool]:
    """Give an own product, the lots of its batches (newest first, at most two hundred), and
    whether any serial of it is issued."""
    product = catalogue.own_product(session, party_id, gtin)
    key = catalogue.product_id(product)
    return (
        product,
        queries.lots(session, key, 200),
        bool(queries.serials_from(session, key, "", "", 1)),
    )


def serials_from(
    session: Session, product: Product, lot: str, first: str, count: int
) -> tuple[list[str], str]:
    """Give up to ``count`` serials of a lot (empty: of any) in their order from ``first`` on.

    Besides, the serial with which the next sheet begins, empty where there is none.
    """
    found = queries.serials_from(session, catalogue.product_id(product), lot, first, count + 1)
    return found[:count], found[count] if len(found) > count else ""
