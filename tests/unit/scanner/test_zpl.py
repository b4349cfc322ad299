"""ZPL against another renderer of that language, and its fields by the rules of the language."""

from __future__ import annotations

import datetime
import io
import re

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from scanner.drawing import picture
from scanner.errors import SymbolError
from scanner.label import Label, layout, render
from scanner.sheet import TEMPLATES, Job, draw_labels, written
from scanner.symbols import KINDS, Kind

DATE = datetime.date(2027, 12, 31)
GTINS = {
    "ean-13": "9521234543213",
    "ean-8": "95212340",
    "upc-a": "012345678905",
    "itf-14": "19521234543210",
}
# Encoders may choose among equal symbols: QR masks, encodation of text in Data Matrix.
OWN_CHOICE = ("digital-link-qr", "digital-link-datamatrix")
NATIVE = {
    "ean-13": "^BE",
    "ean-8": "^B8",
    "upc-a": "^BU",
    "itf-14": "^B2",
    "gs1-128": "^BC",
    "gs1-datamatrix": "^BX",
    "digital-link-datamatrix": "^BX",
    "digital-link-qr": "^BQ",
}


def label(kind: Kind) -> Label:
    data = GTINS.get(kind, "(01)09521234543213(17)271231(10)L_1>(21)S1")
    if kind.startswith("digital-link"):
        data = "https://example.com/01/09521234543213/10/L_1?17=271231"
    return Label(kind, data, "Cà phê Đắk Lắk", net_content="250 g")


def rendered(zpl: bytes, dpi: int) -> NDArray[np.uint8]:
    """The label as another program draws it."""
    zplkit = pytest.importorskip("zplkit")
    rendering = pytest.importorskip("zplkit.rendering")
    width, height = map(int, re.findall(rb"\^PW(\d+)\^LL(\d+)", zpl)[0])
    document = zplkit.render(
        zpl,
        zplkit.Options(width=width, height=height, dpi=dpi),
        limits=rendering.Limits(graphic_bytes=10**7),
    )
    (scene,) = document.labels
    with Image.open(io.BytesIO(scene.png())) as image:
        return np.asarray(image.convert("L"))


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_another_renderer_prints_the_same_label(kind: Kind, dpi: int) -> None:
    printed = rendered(render(label(kind), "zpl", dpi), dpi)
    page = layout(label(kind), dpi)
    ours = np.asarray(picture(page, dpi).convert("L"))
    found = zxingcpp.read_barcodes(printed, text_mode=zxingcpp.TextMode.Plain)
    assert [item.text for item in found] == [page.marks[0].text]
    if kind in OWN_CHOICE:
        ours, printed = outside_symbol(ours, page, dpi), outside_symbol(printed, page, dpi)
    assert ((ours < 128) == (printed < 128)).all()


def outside_symbol(image: NDArray[np.uint8], page: object, dpi: int) -> NDArray[np.uint8]:
    (mark,) = page.marks  # type: ignore[attr-defined]
    left, top, width, height = (
        round(value * dpi / 25.4) for value in (mark.left, mark.top, mark.width, mark.height)
    )
    blank = image.copy()
    blank[top : top + height, left : left + width] = 255
    return blank


@pytest.mark.parametrize("kind", KINDS)
def test_native_commands_where_they_say_the_same(kind: Kind) -> None:
    zpl = render(label(kind), "zpl", 203).decode("ascii")
    assert zpl.startswith("^XA\n^CI28\n") and zpl.endswith("^XZ\n")
    assert re.findall(r"\^B[A-Z0-9]", zpl.replace("^BY", "")) == (
        [NATIVE[kind]] if kind in NATIVE else []
    )


def test_separators_are_escaped_for_each_command() -> None:
    code = render(label("gs1-128"), "zpl", 300).decode()
    assert "^FD>;>801095212345432131727123110>6L_1>0>821S1^FS" in code
    matrix = render(label("gs1-datamatrix"), "zpl", 300).decode()
    assert "^FD_101095212345432131727123110L__1>_121S1^FS" in matrix


def test_data_that_would_start_a_command_goes_as_dots() -> None:
    """``~`` may stand in a URI, but begins a command in ZPL."""
    uri = "https://example.com/~cafe/01/09521234543213"
    zpl = render(Label("digital-link-qr", uri, "Cà phê"), "zpl", 203)
    assert b"^BQ" not in zpl and b"~" not in zpl
    found = zxingcpp.read_barcodes(rendered(zpl, 203), text_mode=zxingcpp.TextMode.Plain)
    assert [item.text for item in found] == [uri]


def test_a_resolution_without_print_heads_is_refused() -> None:
    with pytest.raises(SymbolError, match="203"):
        render(label("ean-13"), "zpl", 240)


def test_a_roll_is_one_format_per_label_with_copies_and_offset() -> None:
    job = Job(TEMPLATES["roll-50x30"], copies=3, offset=(1.0, 0.5), dpi=203)
    labels = [Label("gs1-datamatrix", f"(01)09521234543213(21)S{n}", "Cà phê") for n in range(2)]
    zpl = written(draw_labels(labels, job, "zpl"), job, "zpl").decode()
    assert zpl.count("^XA") == zpl.count("^XZ") == zpl.count("^PQ3") == 2
    plain = written(draw_labels(labels, Job(job.template, dpi=203), "zpl"), job, "zpl").decode()
    assert plain == zpl
    still = Job(job.template, dpi=203)
    unmoved = written(draw_labels(labels, still, "zpl"), still, "zpl").decode()
    (x, y), (u, v) = (
        map(int, re.search(r"\^FO(\d+),(\d+)\^BX", text).groups())  # type: ignore[union-attr]
        for text in (zpl, unmoved)
    )
    assert (x - u, y - v) == (8, 4)
