"""Capture over HTTP: what a maker posts is proven when its job ends, or refused as a whole."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import select

from app.capture.jobs import worker
from app.capture.models import CaptureJob, Event, EventKey
from app.runtime import Runtime
from ledger import bundle
from ledger import log as ledger_log
from tests.maker import Maker, commissioning, document, event, link


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]]


def stored(rt: Runtime) -> tuple[int, int, int]:
    """Events, their keys, and jobs in the database."""
    with rt.db.read() as session:
        counts = [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (Event, EventKey, CaptureJob)
        ]
    return counts[0], counts[1], counts[2]


def test_what_a_maker_posts_is_proven_when_its_job_ends(maker: Maker) -> None:
    rt = maker.rt
    gtin = maker.product()
    maker.post(f"/api/v1/products/{gtin}/batches", {"lot": "L1", "expiry_date": "2027-11-01"})
    epcs = [link(gtin, serial) for serial in maker.serials(gtin, 3, lot="L1", hidden_codes=True)]
    posted = maker.capture(commissioning(rt.now(), epcs))
    assert posted.status_code == 202
    address = posted.headers["Location"]
    waiting = maker.get(address).json
    assert (waiting["running"], waiting["success"], "finishedAt" in waiting) == (True, True, False)

    worker(rt).drain()

    job = maker.get(address).json
    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    with rt.db.read() as session:
        proof = ledger_log.make_bundle(
            session.connection(),
            rt.tiles,
            origin=rt.settings.log_origin,
            index=job["entry"],
            position=0,
        )
    verified = bundle.verify(proof, rt.signer.verifier)
    assert json.loads(verified.payload)["epcList"] == epcs


def test_a_job_runs_until_a_checkpoint_covers_its_entry(maker: Maker) -> None:
    from app.capture import jobs

    gtin = maker.product()
    worker(maker.rt).drain()
    posted = maker.capture(commissioning(maker.rt.now(), [link(gtin, maker.serials(gtin)[0])]))
    jobs.capture(maker.rt)
    jobs.settle(maker.rt)
    accepted = maker.get(posted.headers["Location"]).json
    assert (accepted["running"], accepted["success"]) == (True, True)
    assert "entry" in accepted
    worker(maker.rt).drain()
    assert maker.get(posted.headers["Location"]).json["running"] is False


def test_rows_hold_what_queries_ask_for(maker: Maker) -> None:
    gtin, gln = maker.product(), maker.place()
    serial = maker.serials(gtin)[0]
    where = {"readPoint": {"id": f"https://id.gs1.org/414/{gln}"}}
    maker.captured(commissioning(maker.rt.now(), [link(gtin, serial)], eventID="urn:x:1", **where))
    with maker.rt.db.read() as session:
        row = session.exec(select(Event)).one()
        key = session.exec(select(EventKey)).one()
    assert (row.event_id, row.type, row.action, row.biz_step) == (
        "urn:x:1",
        "ObjectEvent",
        "ADD",
        "commissioning",
    )
    assert (row.standing, row.time_zone) == ("owner", "+07:00")
    assert row.event_time == maker.rt.now() - timedelta(minutes=1)
    assert row.read_point == f"https://id.gs1.org/414/{gln}"
    assert (key.event_id, key.role, key.key) == (row.id, "epc", link(gtin, serial))


def test_epc_urns_and_digital_links_name_the_same_thing(maker: Maker) -> None:
    gtin = maker.product(gtin="9520001000010")
    maker.post(f"/api/v1/products/{gtin}/serials", {"serials": ["A1"]})
    job = maker.captured(commissioning(maker.rt.now(), ["urn:epc:id:sgtin:9520001.000001.A1"]))
    assert job["success"] is True
    again = maker.capture(commissioning(maker.rt.now(), [link(gtin, "A1")], eventID="urn:x:2"))
    assert faults(again) == [("/epcisBody/eventList/0/epcList/0", "already_made")]


def test_an_event_without_identity_is_named_by_its_content(maker: Maker) -> None:
    gtin = maker.product()
    seen = event(maker.rt.now(), action="OBSERVE", bizStep="storing", epcList=[link(gtin, "ANY1")])
    maker.captured(seen)
    again = maker.capture(seen)
    assert again.status_code == 400
    assert faults(again) == [("/epcisBody/eventList/0/eventID", "duplicate_event")]
    with maker.rt.db.read() as session:
        assert session.exec(select(Event.event_id)).one().startswith("ni:///sha-256;")


def test_a_partner_may_say_what_it_received(maker: Maker, partner: Maker) -> None:
    gtin, gln = maker.product(), partner.place()
    epcs = [link(gtin, maker.serials(gtin)[0])]
    maker.captured(commissioning(maker.rt.now(), epcs))
    received = event(
        maker.rt.now(),
        action="OBSERVE",
        bizStep="receiving",
        epcList=epcs,
        readPoint={"id": f"urn:epc:id:sgln:9520002.{gln[7:12]}.0"},
    )
    assert partner.captured(received)["success"] is True
    with maker.rt.db.read() as session:
        rows = session.exec(select(Event).order_by(Event.entry_index)).all()
    assert [row.standing for row in rows] == ["owner", "partner"]
    assert [row.party_id for row in rows] == [maker.party.id, partner.party.id]


def test_a_partner_may_not_make_or_end_what_is_not_its_own(maker: Maker, partner: Maker) -> None:
    gtin = maker.product()
    epcs = [link(gtin, maker.serials(gtin)[0])]
    now = maker.rt.now()
    for foreign in (
        commissioning(now, epcs),
        event(now, action="DELETE", bizStep="destroying", epcList=epcs),
        event(
            now,
            "TransformationEvent",
            inputEPCList=["https://id.gs1.org/01/09520002000019/21/X"],
            outputEPCList=epcs,
        ),
        event(
            now,
            "AggregationEvent",
            action="ADD",
            parentID="https://id.gs1.org/00/095200010000000017",
            childEPCs=["https://id.gs1.org/01/09520002000019/21/X"],
        ),
    ):
        answer = partner.capture(foreign)
        assert answer.status_code == 400, foreign
        assert answer.json["type"] == "epcisException:ValidationException"
        assert {code for _pointer, code in faults(answer)} == {"foreign_prefix"}
    assert stored(maker.rt) == (0, 0, 0)


def test_every_fault_of_a_document_is_named_and_nothing_is_kept(maker: Maker) -> None:
    gtin = maker.product()
    good, other = maker.serials(gtin, 2)
    now = maker.rt.now()
    later = {"eventTime": (now + timedelta(minutes=11)).isoformat(timespec="milliseconds")}
    nowhere = {"readPoint": {"id": "https://id.gs1.org/414/9520009000005"}}
    urn = f"urn:epc:id:sgtin:9520001.{gtin[0]}{gtin[8:13]}.{other}"
    answer = maker.capture(
        commissioning(now, [link(gtin, good)]),
        {**event(now, action="OBSERVE", epcList=[link(gtin, good)]), **later},
        event(now, action="OBSERVE", epcList=[link(gtin, good)], **nowhere),
        commissioning(now, [link(gtin, "NEVER-ISSUED")]),
        commissioning(now, [link(gtin, other), urn]),
        commissioning(now, [link(gtin, good)], eventID="urn:x:5"),
        commissioning(now, ["https://id.gs1.org/01/09520002000019/21/X"]),
    )
    assert answer.status_code == 400
    at = "/epcisBody/eventList"
    assert faults(answer) == [
        (f"{at}/1/eventTime", "future_event"),
        (f"{at}/2/readPoint/id", "unknown_place"),
        (f"{at}/3/epcList/0", "not_registered"),
        (f"{at}/4/epcList/1", "duplicate_epc"),
        (f"{at}/5/epcList/0", "already_made"),
        (f"{at}/6/epcList/0", "foreign_prefix"),
    ]
    assert all(fault["clause"] for fault in answer.json["errors"])
    assert stored(maker.rt) == (0, 0, 0)


def test_ten_minutes_of_clock_skew_are_forgiven(maker: Maker) -> None:
    gtin = maker.product()
    at = (maker.rt.now() + timedelta(minutes=10)).isoformat(timespec="milliseconds")
    early = {**commissioning(maker.rt.now(), [link(gtin, maker.serials(gtin)[0])]), "eventTime": at}
    assert maker.captured(early)["success"] is True


def test_what_became_wrong_after_the_post_fails_the_job_as_a_whole(maker: Maker) -> None:
    gtin = maker.product()
    first, second = maker.serials(gtin, 2)
    now = maker.rt.now()
    won = maker.capture(commissioning(now, [link(gtin, first)], eventID="urn:x:1"))
    maker.rt.now.forward(seconds=1)  # type: ignore[attr-defined]
    lost = maker.capture(
        commissioning(now, [link(gtin, second)], eventID="urn:x:2"),
        event(now, action="OBSERVE", epcList=[link(gtin, first)], eventID="urn:x:1"),
    )
    worker(maker.rt).drain()
    assert maker.get(won.headers["Location"]).json["success"] is True
    job = maker.get(lost.headers["Location"]).json
    assert (job["running"], job["success"]) == (False, False)
    assert [(e["pointer"], e["code"]) for e in job["errors"]] == [
        ("/epcisBody/eventList/1/eventID", "duplicate_event")
    ]
    assert "entry" not in job
    assert stored(maker.rt)[:2] == (1, 1)


def test_an_event_about_an_ended_serial_is_kept_with_a_warning(maker: Maker) -> None:
    gtin = maker.product()
    epcs = [link(gtin, maker.serials(gtin)[0])]
    now = maker.rt.now()
    maker.captured(commissioning(now, epcs))
    maker.captured(event(now, action="DELETE", bizStep="destroying", epcList=epcs))
    job = maker.captured(event(now, action="OBSERVE", bizStep="shipping", epcList=epcs))
    assert job["success"] is True
    assert [(w["pointer"], w["code"]) for w in job["warnings"]] == [
        ("/epcisBody/eventList/0/epcList/0", "after_end")
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"type": ', 400, "json"),
        (b"", 400, "json"),
        (b"\xff\xfe", 400, "encoding"),
        (b'{"a": 1, "a": 2}', 400, "duplicate-name"),
        (b"[]", 400, "type"),
        (b'{"type": "EPCISDocument"}', 400, "required"),
    ],
)
def test_a_body_that_is_no_document_is_refused(
    maker: Maker, body: bytes, status: int, code: str
) -> None:
    headers = {**maker.party.headers, "Content-Type": "application/json"}
    answer = maker.client.post("/capture", data=body, headers=headers)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "epcisException:ValidationException"
    assert code in {fault["code"] for fault in answer.json["errors"]}
    assert stored(maker.rt) == (0, 0, 0)


def test_a_wrong_check_digit_is_named(maker: Maker) -> None:
    epcs = ["https://id.gs1.org/01/09520001000011/21/A"]
    answer = maker.capture(commissioning(maker.rt.now(), epcs))
    assert answer.status_code == 400
    [fault] = answer.json["errors"]
    assert fault["pointer"] == "/epcisBody/eventList/0/epcList/0"
    assert fault["clause"]


def test_a_place_with_a_wrong_check_digit_is_unknown(maker: Maker) -> None:
    where = {"bizLocation": {"id": "https://id.gs1.org/414/9520001000004"}}
    answer = maker.capture(event(maker.rt.now(), action="OBSERVE", epcList=["urn:x:y"], **where))
    assert faults(answer) == [("/epcisBody/eventList/0/bizLocation/id", "unknown_place")]


def test_a_document_without_events_is_refused(maker: Maker) -> None:
    answer = maker.capture()
    assert faults(answer) == [("/epcisBody/eventList", "no_events")]


def test_ten_megabytes_are_refused_unread(maker: Maker) -> None:
    headers = {**maker.party.headers, "Content-Type": "application/json"}
    answer = maker.client.post("/capture", data=b" " * 10_000_000, headers=headers)
    assert answer.status_code == 413
    assert answer.json["type"] == "epcisException:CaptureLimitExceededException"
    assert answer.headers["GS1-EPCIS-Capture-File-Size-Limit"] == "5000000"


def test_other_media_types_are_refused(maker: Maker) -> None:
    headers = {**maker.party.headers, "Content-Type": "application/xml"}
    answer = maker.client.post("/capture", data=b"<a/>", headers=headers)
    assert answer.status_code == 415
    assert answer.json["type"] == "epcisException:UnsupportedMediaTypeException"


def test_json_ld_is_taken(maker: Maker) -> None:
    gtin = maker.product()
    seen = event(maker.rt.now(), action="OBSERVE", epcList=[link(gtin, "A")])
    headers = {**maker.party.headers, "Content-Type": "application/ld+json; charset=utf-8"}
    body = json.dumps(document(maker.rt.now(), seen))
    assert maker.client.post("/capture", data=body, headers=headers).status_code == 202


def test_without_a_key_nobody_captures(maker: Maker) -> None:
    for headers in ({}, {"Authorization": "Bearer nguon_abc_def"}):
        answer = maker.client.post("/capture", json={}, headers=headers)
        assert answer.status_code == 401
        assert answer.json["type"] == "epcisException:SecurityException"


@pytest.mark.parametrize(
    "header",
    [
        {"GS1-EPCIS-Version": "1.2"},
        {"GS1-CBV-Version": "3.0.0"},
        {"GS1-Capture-Error-Behaviour": "proceed"},
        {"Accept": "application/xml"},
    ],
)
def test_what_is_not_offered_is_not_acceptable(maker: Maker, header: dict[str, str]) -> None:
    answer = maker.capture(event(maker.rt.now(), action="OBSERVE", epcList=["urn:x:y"]), **header)
    assert answer.status_code == 406
    assert answer.json["type"] == "epcisException:NotAcceptableException"


def test_a_name_that_no_job_can_have_is_not_found(maker: Maker) -> None:
    for name in ("%00", "%0A", "x" * 300, "%F0%9F%98%80", "'"):
        assert maker.get(f"/capture/{name}").status_code == 404
        assert maker.get(f"/api/v1/recalls/{name}").status_code == 404


def test_another_party_does_not_see_the_job(maker: Maker, partner: Maker) -> None:
    seen = event(maker.rt.now(), action="OBSERVE", epcList=["https://id.gs1.org/8004/95200011"])
    address = maker.capture(seen).headers["Location"]
    answer = partner.get(address)
    assert answer.status_code == 404
    assert answer.json["type"] == "epcisException:NoSuchResourceException"


def test_jobs_are_listed_newest_first_page_by_page(maker: Maker) -> None:
    made = []
    for number in range(5):
        epc = f"https://id.gs1.org/8004/9520001{number}"
        seen = event(maker.rt.now(), action="OBSERVE", epcList=[epc])
        made.append(maker.capture(seen).headers["Location"].removeprefix("/capture/"))
        if number % 2:
            maker.rt.now.forward(seconds=1)  # type: ignore[attr-defined]
    found: list[str] = []
    address = "/capture?perPage=2"
    for _ in range(5):
        page = maker.get(address)
        found += [job["captureID"] for job in page.json]
        if "Link" not in page.headers:
            break
        address = page.headers["Link"].split(">")[0].removeprefix("<")
    assert sorted(found) == sorted(made)
    assert [made.index(job) // 2 for job in found] == [2, 1, 1, 0, 0]


@pytest.mark.parametrize("token", ["x", "AAAA", "MjAyNg", "é", "MjAyNi0wMS0wMSB4"])
def test_a_made_up_page_token_is_refused(maker: Maker, token: str) -> None:
    assert maker.get(f"/capture?nextPageToken={token}").status_code == 400


def test_the_interface_tells_what_it_offers(maker: Maker) -> None:
    answer = maker.client.options("/capture", headers=maker.party.headers)
    assert answer.status_code == 204
    wanted = {
        "GS1-EPCIS-Version": "2.0.0",
        "GS1-EPCIS-Min": "2.0.0",
        "GS1-EPCIS-Max": "2.0.0",
        "GS1-CBV-Version": "2.0.0",
        "GS1-Capture-Error-Behaviour": "rollback",
        "GS1-EPCIS-Capture-Limit": "10000",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted
    assert "POST" in answer.headers["Allow"]


def test_a_repeated_idempotency_key_gives_the_same_job(maker: Maker) -> None:
    seen = event(maker.rt.now(), action="OBSERVE", epcList=["https://id.gs1.org/8004/95200011"])
    first = maker.capture(seen, **{"Idempotency-Key": "k1"})
    worker(maker.rt).drain()
    again = maker.capture(seen, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.headers["Location"]) == (202, first.headers["Location"])
    assert stored(maker.rt)[2] == 1


def test_extension_prefixes_of_the_document_stay_with_the_signed_event(maker: Maker) -> None:
    rt = maker.rt
    own = {"vn": "https://example.vn/voc/"}
    seen = event(
        rt.now(),
        action="OBSERVE",
        epcList=["https://id.gs1.org/8004/95200011"],
        **{"vn:truck": "49C-123.45"},
    )
    body = document(
        rt.now(),
        seen,
        **{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", own]},
    )
    answer = maker.post("/capture", body)
    assert answer.status_code == 202, answer.json
    worker(rt).drain()
    entry = maker.get(answer.headers["Location"]).json["entry"]
    with rt.db.read() as session:
        proof = ledger_log.make_bundle(
            session.connection(), rt.tiles, origin=rt.settings.log_origin, index=entry, position=0
        )
    payload = json.loads(bundle.verify(proof, rt.signer.verifier).payload)
    assert payload["vn:truck"] == "49C-123.45"
    assert own in payload["@context"]
