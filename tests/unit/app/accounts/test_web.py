"""Log-in, log-out and the account page, as a browser meets them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from app.accounts import service
from app.runtime import Runtime
from tests.conftest import RegisteredParty
from tests.maker import Maker

EMAIL, PASSWORD = "lan@suoi-da.example", "bảy con suối chảy về nguồn"


@pytest.fixture
def signed_in(rt: Runtime, party: RegisteredParty, client: FlaskClient) -> FlaskClient:
    with rt.db.write() as session:
        service.create_person(
            session, party_id=party.id, email=EMAIL, name="Lan", password=PASSWORD, now=rt.now()
        )
    answer = client.post("/login", data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.location == "/account"
    return client


def test_a_stranger_is_sent_to_log_in(client: FlaskClient) -> None:
    assert client.get("/account").status_code == 401


def test_a_wrong_password_keeps_what_was_typed(client: FlaskClient) -> None:
    answer = client.post("/login", data={"email": EMAIL, "password": "wrong wrong wrong"})
    assert answer.status_code == 422
    assert EMAIL in answer.text
    assert "wrong wrong wrong" not in answer.text


def test_the_session_cookie_is_closed_to_scripts(signed_in: FlaskClient) -> None:
    cookie = signed_in.get_cookie("nguon_session")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_a_key_is_shown_once_and_works_until_revoked(signed_in: FlaskClient, rt: Runtime) -> None:
    page = signed_in.post("/account/keys", data={"label": "máy in nhãn"}).text
    token = re.search(r"nguon_[0-9a-f]{12}_[\w-]{43}", page)
    assert token is not None
    later = signed_in.get("/account").text
    assert "máy in nhãn" in later
    assert token[0] not in later
    headers = {"Authorization": f"Bearer {token[0]}"}
    assert signed_in.get("/api/v1/products", headers=headers).status_code == 200
    key_id = token[0].split("_")[1]
    assert signed_in.post(f"/account/keys/{key_id}/revoke").status_code == 303
    assert signed_in.get("/api/v1/products", headers=headers).status_code == 401


def test_the_account_lists_its_own_products(
    signed_in: FlaskClient, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Chưa có sản phẩm nào" in signed_in.get("/account").text
    gtins = sorted(maker.product(name=f"Chè xanh {n}") for n in range(3))
    page = signed_in.get("/account").text
    assert [page.find(f'href="/01/{gtin}"') for gtin in gtins] == sorted(
        page.find(f'href="/01/{gtin}"') for gtin in gtins
    )
    assert "Sản phẩm tiếp theo" not in page
    monkeypatch.setattr("app.accounts.web.PRODUCTS_SHOWN", 2)
    first, second = signed_in.get("/account").text, f"/account?after={gtins[1]}"
    assert f"{second}#products" in first
    rest = signed_in.get(second).text
    assert [gtin in rest for gtin in gtins] == [False, False, True]
    assert "Sản phẩm tiếp theo" not in rest


def test_logging_out_ends_the_session(signed_in: FlaskClient) -> None:
    signed_in.post("/logout")
    assert signed_in.get("/account").status_code == 401


def test_a_changed_password_ends_every_session(signed_in: FlaskClient, rt: Runtime) -> None:
    with rt.db.write() as session:
        person = service.check_password(session, EMAIL, PASSWORD)
        assert person is not None
        person.password_hash = service._HASHER.hash("một mật khẩu khác hẳn")
        session.add(person)
    assert signed_in.get("/account").status_code == 401


def test_log_in_attempts_are_limited(app_with_rates: FlaskClient) -> None:
    wrong = {"email": EMAIL, "password": "x"}
    answers = [app_with_rates.post("/login", data=wrong).status_code for _ in range(3)]
    assert answers == [422, 422, 429]
    refused = app_with_rates.post("/login", data=wrong)
    assert int(refused.headers["Retry-After"]) >= 1


@pytest.fixture
def app_with_rates(rt: Runtime) -> FlaskClient:
    from app.factory import create_app

    rt.settings = rt.settings.model_copy(update={"rate_login": "2/minute"})
    return create_app(parts=rt).test_client()
