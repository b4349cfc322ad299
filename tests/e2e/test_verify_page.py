"""The page that verifies a bundle offline, in Chromium without a network, beside the one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import one_file
from tests.cosigned import Cosigned, make, named
from tests.unit.ledger.test_bundle_trust import NAMES

standalone = one_file.load()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Cosigned:
    return make(tmp_path_factory.mktemp("page"))


WITHOUT_ML_DSA = """
const plain = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = async (format, data, algorithm, ...rest) => {
  if (algorithm.name === "ML-DSA-44") throw new DOMException("not here", "NotSupportedError");
  return plain(format, data, algorithm, ...rest);
};
"""


@pytest.fixture(scope="module", params=["as it is", "without ML-DSA"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """The file itself, opened from disk with the network off; any request or error fails."""
    context = browser.new_context(offline=True, locale="en-GB")
    if request.param == "without ML-DSA":
        context.add_init_script(WITHOUT_ML_DSA)
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("request", lambda asked: faults.append(asked.url))
    page.goto(one_file.PAGE.as_uri())
    faults.remove(one_file.PAGE.as_uri())
    yield page
    context.close()
    assert faults == []


def look(page: Page, data: bytes, trust: str) -> dict[str, str]:
    """Outcome of each step, and of the whole under ``answer``."""
    page.get_by_label("The log’s key, or a trust policy").fill(trust)
    page.set_input_files(
        "#file", {"name": "b.json", "mimeType": "application/json", "buffer": data}
    )
    page.get_by_role("button", name="Check").click()
    page.locator("#answer[data-outcome]").wait_for()
    steps = page.eval_on_selector_all("#list li", "all => all.map(one => ({...one.dataset}))")
    found = {step["step"]: step["outcome"] for step in steps}
    return found | {"answer": page.get_attribute("#answer", "data-outcome") or ""}


def holds(data: bytes, trust: str) -> bool:
    try:
        if "quorum" in trust:
            standalone.verify(data, standalone.Trust([], trust))
        else:
            standalone.verify(data, standalone.Trust(trust.split("\n")))
    except ValueError:
        return False
    return True


def test_a_good_bundle_holds_and_is_said_in_words(page: Page, world: Cosigned) -> None:
    found = look(page, world.bundle(), world.keys[0])
    assert set(found.values()) == {"right"}
    assert len(found) == 9
    answer = page.locator("#answer").inner_text()
    assert "The proof holds" in answer
    assert "Party s signed" in answer
    assert "entry 2 of 300" in answer
    assert page.locator("#payload").inner_text() == "cà phê"
    # Nobody may take the signature of the log alone for one of witnesses.
    assert "A key alone asks for no witness" in page.locator("#list li").nth(1).inner_text()
    assert page.locator("#list li").first.inner_text().count("Right") == 1
    page.get_by_role("button", name="Tiếng Việt").click()
    assert "Bằng chứng đúng" in page.locator("#answer").inner_text()
    assert page.get_attribute("html", "lang") == "vi"
    page.get_by_role("button", name="English").click()


def test_two_witnesses_under_a_policy(page: Page, world: Cosigned) -> None:
    assert look(page, world.bundle("one", "two"), world.policy)["answer"] == "right"
    assert "Witnesses signed: one, two" in page.locator("#list li").nth(1).inner_text()
    assert look(page, world.bundle("one"), world.policy)["checkpoint"] == "wrong"


def knows_ml_dsa(page: Page) -> bool:
    """Whether WebCrypto of this page imports keys of ML-DSA-44 (1,312 bytes, FIPS 204)."""
    asked = "['raw-public', new Uint8Array(1312), {name: 'ML-DSA-44'}, false, ['verify']]"
    return bool(page.evaluate(f"crypto.subtle.importKey(...{asked}).then(() => true, () => false)"))


def test_ml_dsa_is_checked_or_said_not_to_be(page: Page, world: Cosigned) -> None:
    able = knows_ml_dsa(page)
    both = "\n".join(world.keys)
    found = look(page, world.bundle(), both)
    assert found["answer"] == ("right" if able else "open")
    if not able:
        assert found["checkpoint"] == "unable"
        assert "Not checked here" in page.locator("#list").inner_text()
    # A witness that cannot be checked counts for nothing, one that can is enough with another.
    three = look(page, world.bundle("one", "three"), world.policy)
    assert three["answer"] == ("right" if able else "open")
    assert look(page, world.bundle("one", "two", "three"), world.policy)["answer"] == "right"
    assert look(page, world.bundle(mldsa=False), both)["answer"] == "wrong"


def mutations(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Flipped bits all over, and changes that keep the JSON canonical."""
    for number, at in enumerate(range(0, len(good), len(good) // 40)):
        flipped = bytearray(good)
        flipped[at] ^= 1 << number % 8
        yield f"bit of byte {at}", bytes(flipped)
    for name, changed in changes(json.loads(good)):
        text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        yield name, text.encode()
    yield "space", good + b"\n"
    yield "doubled member", good.replace(b'"v":1}', b'"v":1,"v":1}')
    yield "fraction", good.replace(b'"position":0', b'"position":0.0')
    yield "minus zero", good.replace(b'"position":0', b'"position":-0')
    yield "byte order mark", b"\xef\xbb\xbf" + good
    yield "lone surrogate", good.replace(b'"type":"ledger-bundle"', b'"type":"\\ud800"')
    yield "nothing", b""


def changes(bundle: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    item, keys = bundle["item"], bundle["keys"]
    yield "as it is", bundle
    yield "version", bundle | {"v": 2}
    yield "version as text", bundle | {"v": "1"}
    yield "version true", bundle | {"v": True}
    yield "further member", bundle | {"extra": None}
    yield "no keys", bundle | {"keys": []}
    yield "keys twice", bundle | {"keys": keys * 2}
    yield "keys null", bundle | {"keys": None}
    yield "item of another position", bundle | {"item": item | {"position": 1}}
    yield "path cut", bundle | {"item": item | {"path": item["path"][:-1]}}
    yield "path longer", bundle | {"item": item | {"path": item["path"] + item["path"][:1]}}
    yield "empty payload", bundle | {"item": item | {"payload": ""}}
    yield "salt of 15 bytes", bundle | {"item": item | {"salt": "AAAAAAAAAAAAAAAAAAAA"}}
    yield "another index", bundle | {"proof": bundle["proof"].replace("index 2", "index 3")}
    yield "index 02", bundle | {"proof": bundle["proof"].replace("index 2", "index 02")}
    extra = bundle["proof"].replace("index 2", "extra AA==\nindex 2")
    yield "extra data", bundle | {"proof": extra}
    yield "extra that is none", bundle | {"proof": extra.replace("AA==", "A")}
    yield "entry of the key", bundle | {"entry": keys[0]["entry"]}
    yield "signatures gone", bundle | {"proof": bundle["proof"].split("—")[0]}


@pytest.mark.parametrize("kind", ["key", "policy"])
def test_the_page_and_the_one_file_say_the_same(page: Page, world: Cosigned, kind: str) -> None:
    good = world.bundle("one", "two")
    trust = world.keys[0] if kind == "key" else world.policy
    able = knows_ml_dsa(page)
    agreed = {True: 0, False: 0}
    for name, data in mutations(good):
        expected = holds(data, trust)
        answer = look(page, data, trust)["answer"]
        if able or kind == "key":
            assert (answer == "right") == expected, name
        else:
            # What this browser cannot check it neither counts nor calls wrong.
            known = holds(data, world.policy_without_mldsa)
            assert known or answer != "right", name
            assert answer == "right" or not (known and expected), name
        agreed[expected] += 1
    # How many hit lines that a key alone does not judge differs with the random keys of the world.
    assert agreed[True] >= 2
    assert agreed[False] >= 40


def test_a_key_that_is_none_is_said(page: Page, world: Cosigned) -> None:
    good = world.keys[0]
    for key in ("", "nonsense", good[:-2], f"{good}\n{good}", f"{good}\f", f"\ufeff{good}"):
        assert look(page, world.bundle(), key) == {"answer": "wrong"}
        assert "cannot be used" in page.locator("#answer").inner_text()


@pytest.mark.parametrize("name, good", NAMES)
def test_which_key_names_there_are(page: Page, world: Cosigned, name: str, good: bool) -> None:
    vkey, line = named(name)
    script = "vkey => readVkey(vkey).then(() => true, () => false)"
    assert page.evaluate(script, vkey) == good
    # A line of a key that is not known is passed over if it is a signature line, and only then.
    changed = json.loads(world.bundle())
    changed["proof"] += f"{line}\n"
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found = look(page, text.encode(), world.keys[0])
    assert found["checkpoint"] == ("right" if good else "wrong")


def test_the_page_asks_nothing_of_anybody(tmp_path: Path) -> None:
    text = one_file.PAGE.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    for word in ("http://", "https://", "src=", "@import", "url("):
        assert word not in text, word
