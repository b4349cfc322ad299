"""HEIC photos and PDF documents: read with their extras, refused by name without."""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Iterator

import pytest
from PIL import Image

from scanner import DecoderPool, Limits, document, errors, image
from tests.pictures import EAN, as_bytes, ean_picture

# A Data Matrix symbol drawn by zxing-cpp, 96 × 64 pixels, compressed by libheif's x265.
HEIC = base64.b64decode(
    """
    AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAU5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAA
    AAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABcgABAAAAAAAAAZMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAAB
    AABodmMxAAAAAA5waXRtAAAAAAABAAAAzmlwcnAAAACvaXBjbwAAAHJodmNDAQQIAAAAn/gAAAAAHvAA/Pz4+AAADw
    NgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAYQABACZCAQEECAAAAwCf+AAAAwAAHsDCBBZbqSSmubAgAAADAyAA
    AAMAIWIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAAA5waXhpAAAAAA
    EIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAAGbbWRhdAAAAY8oAa6wWf//+q29K9h5tsnBpSJ9VfoP86rnu7+SW0Lw
    EMxAXQ0TOACI72TsW9w21xR5nRRHkAK2UakwPfBo2YnxYn/azOqZq1NNW7QW0rghq7AW/C661lFW8bDrujZOEjzdnj
    ZHrwh1fiWcguQCJcXXkP26f7eXoXK5ZMyKwJ4/w0r+vsC72RSM6cbTHgJkVMlyRwugX1WBEJJSCh1ww2SVACEmHvdq
    EXpaa+qaHda1Jq2gCjR0TZb4zXWmFDm2LoSzG7meRCleVleCUDYGo/IVL3hnctTooCiiEKWT9FHLmadB26LIvV14LX
    XIJE3wO8FDHAIYhnrnoR/C4VPUOvM+CFQDR5XGFq0E3P5kUUPRaJuU4IdDMP6nTxAUdd0B+B+W/dk1XxnxlUb3giAy
    7x31AQBFMNlN9ocoXWH0eQQ4HbeX6PKpSUiNorXvk7ukII/NuMRzlt6HwjbM4ABJDFMm4GIXzSmvIAAKv9iWnVJyR8
    PrdjkQTc9PH3jF9eq82JSh/9uAA+7DNZQANjFR5mo=
    """
)
LIMITS = Limits()


def pdf(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    first, *others = (page.convert("RGB") for page in pages)
    first.save(out, "PDF", save_all=True, append_images=others, resolution=150)
    return out.getvalue()


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(timeout=60) as pool:
        yield pool


def test_heic(pool: DecoderPool) -> None:
    pytest.importorskip("pi_heif")
    reading = pool.read(HEIC)
    assert [symbol.text for symbol in reading.symbols] == ["HEIC 1"]
    assert (reading.image_format, reading.width, reading.height) == ("HEIF", 96, 64)
    with pytest.raises(errors.PhotoRefused):
        pool.read(HEIC[:-200])
    with pytest.raises(errors.PhotoTooLarge):
        image.open_coarse(HEIC, Limits(max_pixels=1000))


def test_symbols_of_a_pdf_carry_their_page(pool: DecoderPool) -> None:
    pytest.importorskip("pypdfium2")
    reading = pool.read(pdf(ean_picture(EAN, 4), Image.new("L", (300, 200), 255), ean_picture()))
    assert [(symbol.text, symbol.page) for symbol in reading.symbols] == [(EAN, 1), (EAN, 3)]
    assert reading.image_format == "PDF"


def test_only_the_first_pages_of_a_pdf_are_drawn() -> None:
    pytest.importorskip("pypdfium2")
    pages = [Image.new("L", (60, 60), 255)] * (document.MOST_PAGES + 2)
    assert len(list(document.pages(pdf(*pages), LIMITS))) == document.MOST_PAGES


def test_a_page_longer_than_any_decoder_takes_is_refused(pool: DecoderPool) -> None:
    """The decoder process refuses it by name rather than die of it."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200000 1]>>"
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj"
        b" 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj" + page + b"endobj"
        b" trailer<</Root 1 0 R>>"
    )
    with pytest.raises(errors.PhotoTooLarge, match="side"):
        pool.read(data)


def test_a_vast_page_is_drawn_coarser() -> None:
    pytest.importorskip("pypdfium2")
    small = pdf(Image.new("L", (100, 100), 255))
    vast = re.sub(rb"/MediaBox \[[^]]*\]", b"/MediaBox [0 0 14000 14000]", small)
    assert vast != small
    (page,) = document.pages(vast, LIMITS)
    assert page.width * page.height <= 12_100_000


@pytest.mark.parametrize("damage", [slice(0, 30), slice(0, 200)])
def test_damaged_pdf(damage: slice) -> None:
    pytest.importorskip("pypdfium2")
    with pytest.raises(errors.DamagedPhoto):
        list(document.pages(pdf(ean_picture())[damage], LIMITS))


def test_without_the_extras_the_refusal_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(errors.UnsupportedFormat, match="extra 'heic'"):
        image.open_coarse(HEIC)
    with pytest.raises(errors.UnsupportedFormat, match="extra 'pdf'"):
        list(document.pages(pdf(ean_picture()), LIMITS))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
@pytest.mark.parametrize(("size", "factor"), [((2400, 2000), 1), ((4000, 3001), 2)])
def test_large_photos_are_opened_reduced(
    image_format: str, size: tuple[int, int], factor: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = as_bytes(Image.new("L", size, 200), image_format, exif=exif.tobytes())
    coarse = image.open_coarse(data)
    assert (coarse.factor, coarse.width, coarse.height) == (factor, size[1], size[0])
    assert abs(coarse.gray.width - size[1] / factor) < 1
    assert abs(coarse.gray.height - size[0] / factor) < 1
    full = coarse.finer() if coarse.finer else coarse.gray
    assert full.size == (size[1], size[0])
