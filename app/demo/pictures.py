"""Sample pictures: printed labels set into photographed-looking scenes, one for each verdict.

Each is drawn anew from the data of the story, so that the codes in it are those in the database.
"""

from __future__ import annotations

import binascii
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import zxingcpp
from PIL import Image

from app.demo import cast
from scanner import label, scene

_DPI = 300


@dataclass(frozen=True, slots=True)
class Context:
    """What the pictures need of the loaded story: its day, the expiry of lots, the pack's stem."""

    today: date
    expiry: dict[tuple[str, str], date]
    stem: str

    def link(self, gtin: str, lot: str = "", serial: str = "", **extra: str) -> str:
        """Give the Digital Link URI that is printed on a pack."""
        path = f"{self.stem}/01/{gtin}"
        path += f"/10/{lot}" if lot else ""
        path += f"/21/{serial}" if serial else ""
        query = "&".join(f"{name}={value}" for name, value in extra.items())
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample picture: the verdict it should end in, what is on it, how it is taken."""

    state: str
    title: str
    draw: Callable[[Context], list[Image.Image]]
    surface: scene.Surface = "kraft"
    camera: scene.Camera = scene.CASUAL

    def photograph(self, context: Context, seed: str = "") -> bytes:
        """Give the JPEG of the scene; the same story gives the same picture."""
        rng = random.Random(f"nguon picture {self.state} {seed}")  # noqa: S311 - repeatable
        return scene.photograph(
            self.draw(context),
            rng=rng,
            camera=self.camera,
            surface=self.surface,
            title=self.title,
        )


def _printed(made: label.Label) -> Image.Image:
    return Image.open(io.BytesIO(label.render(made, "png", _DPI)))


def plain_qr(text: str) -> Image.Image:
    """Give a QR Code of any text, as somebody else would print it."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return Image.fromarray(made.to_image(scale=12, add_quiet_zones=True))


def _unit(
    gtin: str, lot: str, serial: str, name: str, content: str
) -> Callable[[Context], list[Image.Image]]:
    """Draw a pack's own label: QR Code with GTIN, lot and serial."""

    def draw(context: Context) -> list[Image.Image]:
        expiry = context.expiry[gtin, lot]
        return [
            _printed(
                label.Label(
                    "digital-link-qr",
                    context.link(gtin, lot, serial, **{"17": f"{expiry:%y%m%d}"}),
                    name=name,
                    lot=lot,
                    expiry=expiry,
                    net_content=content,
                )
            )
        ]

    return draw


def _matrix(
    gtin: str, lot: str, name: str, content: str, later: int = 0, serial: str = ""
) -> Callable[[Context], list[Image.Image]]:
    """Draw a GS1 DataMatrix label; ``later`` shifts the printed expiry by that many days."""

    def draw(context: Context) -> list[Image.Image]:
        expiry = context.expiry[gtin, lot] + timedelta(days=later)
        data = f"(01){gtin}(17){expiry:%y%m%d}(10){lot}" + (f"(21){serial}" if serial else "")
        made = label.Label(
            "gs1-datamatrix", data, name=name, lot=lot, expiry=expiry, net_content=content
        )
        return [_printed(made)]

    return draw


def _retail(gtin: str, name: str) -> Callable[[Context], list[Image.Image]]:
    return lambda _context: [_printed(label.Label("ean-13", gtin, name=name))]


def confirmed(serial: str, hidden: str) -> Sample:
    """Give the picture of a coffee pack whose scratch panel was rubbed off: two codes."""
    pack = _unit(cast.COFFEE, cast.COFFEE_LOT, serial, _COFFEE, "250 g")
    return Sample(
        "ITEM_CONFIRMED",
        "Cà phê Suối Đá",
        lambda context: [*pack(context), plain_qr(f"NGUON-HC:{hidden}")],
        surface="kraft",
    )


def _wrong_check_digit(context: Context) -> list[Image.Image]:
    """Draw a QR Code whose GTIN ends in a wrong check digit, as a careless printer makes it."""
    wrong = cast.COFFEE[:-1] + str((int(cast.COFFEE[-1]) + 3) % 10)
    return [plain_qr(context.link(wrong, cast.COFFEE_LOT))]


_COFFEE = "Cà phê rang mộc Suối Đá 250 g"
_FISH = "Nước mắm Bãi Sậy 40 độ đạm"
_MANGO = "Xoài sấy dẻo Vườn Trăng"


def _mango(lot: str, serial: str) -> Callable[[Context], list[Image.Image]]:
    return _unit(cast.MANGO, lot, serial, _MANGO, "200 g")


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "ITEM_MATCHES",
        "Cà phê Suối Đá",
        _unit(cast.COFFEE, cast.COFFEE_LOT, cast.COFFEE_SERIALS[0], _COFFEE, "250 g"),
    ),
    Sample(
        "BATCH_MATCHES",
        "Nước mắm Bãi Sậy",
        _matrix(cast.FISH_SAUCE, cast.FISH_LOT, _FISH, "500 ml"),
        surface="label",
    ),
    Sample("PRODUCT_ONLY", "Cà phê Suối Đá", _retail(cast.COFFEE, _COFFEE)),
    Sample(
        "RECALLED",
        "Nước mắm Bãi Sậy",
        _unit(cast.FISH_SAUCE, cast.FISH_LOT_RECALLED, cast.FISH_SERIALS[0], _FISH, "500 ml"),
        surface="label",
    ),
    Sample(
        "DEACTIVATED", "Xoài sấy Vườn Trăng", _mango(cast.MANGO_LOT, cast.DESTROYED), surface="film"
    ),
    Sample(
        "SUSPECTED_COPY", "Xoài sấy Vườn Trăng", _mango(cast.MANGO_LOT, cast.COPIED), surface="film"
    ),
    Sample(
        "CONTRADICTED",
        "Cà phê Suối Đá",
        _matrix(cast.COFFEE, cast.COFFEE_LOT, _COFFEE, "250 g", 365, serial=cast.COFFEE_SERIALS[1]),
        surface="carton",
    ),
    Sample(
        "EXPIRED",
        "Xoài sấy Vườn Trăng",
        _mango(cast.MANGO_LOT_EXPIRED, cast.MANGO_OLD_SERIALS[0]),
        surface="film",
        camera=scene.HASTY,
    ),
    Sample(
        "NOT_ACTIVATED",
        "Xoài sấy Vườn Trăng",
        _mango(cast.MANGO_LOT, cast.NOT_RELEASED),
        surface="film",
    ),
    Sample("MALFORMED", "Cà phê Suối Đá", _wrong_check_digit, surface="carton"),
    Sample(
        "UNREGISTERED",
        "Bánh tráng Nắng Quê",
        _retail(cast.UNREGISTERED, "Bánh tráng Nắng Quê 300 g"),
        surface="label",
    ),
    Sample("NOT_A_PRODUCT_CODE", "Mì rau củ Bếp Lành", lambda _context: [plain_qr(payment_code())]),
    Sample(
        "UNREADABLE",
        "Cà phê Suối Đá",
        _retail(cast.COFFEE, _COFFEE),
        camera=scene.UNREADABLE,
    ),
)


def payment_code() -> str:
    """Give a transfer code by the VietQR scheme, to a bank and an account that do not exist."""
    account = _field("00", "970499") + _field("01", "0000000000")
    merchant = _field("00", "A000000727") + _field("01", account) + _field("02", "QRIBFTTA")
    text = (
        _field("00", "01")
        + _field("01", "11")
        + _field("38", merchant)
        + _field("53", "704")
        + _field("58", "VN")
        + _field("62", _field("08", "Demo Nguon"))
        + "6304"
    )
    return f"{text}{binascii.crc_hqx(text.encode('ascii'), 0xFFFF):04X}"


def _field(tag: str, value: str) -> str:
    """Give an EMVCo data object: tag, length in two digits, value."""
    return f"{tag}{len(value):02}{value}"
