"""Input shapes of products, places and batches; what is read here is valid by the GS1 rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    model_validator,
)

from app.i18n import N_
from gs1.errors import FormatError
from gs1.keys import Gln, Gtin

# GS1 General Specifications 7.11, table 1: character set 82.
_CSET82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Cc, Cf, Co, Cs, Cn: nothing to read, and bidirectional controls can make a text lie.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


# The 34 provinces and cities since 1 July 2025, by the codes of the General Statistics Office.
PROVINCES: Mapping[str, str] = MappingProxyType(
    {
        "01": "Hà Nội",
        "04": "Cao Bằng",
        "08": "Tuyên Quang",
        "11": "Điện Biên",
        "12": "Lai Châu",
        "14": "Sơn La",
        "15": "Lào Cai",
        "19": "Thái Nguyên",
        "20": "Lạng Sơn",
        "22": "Quảng Ninh",
        "24": "Bắc Ninh",
        "25": "Phú Thọ",
        "31": "Hải Phòng",
        "33": "Hưng Yên",
        "37": "Ninh Bình",
        "38": "Thanh Hóa",
        "40": "Nghệ An",
        "42": "Hà Tĩnh",
        "44": "Quảng Trị",
        "46": "Huế",
        "48": "Đà Nẵng",
        "51": "Quảng Ngãi",
        "52": "Gia Lai",
        "56": "Khánh Hòa",
        "66": "Đắk Lắk",
        "68": "Lâm Đồng",
        "75": "Đồng Nai",
        "79": "Thành phố Hồ Chí Minh",
        "80": "Tây Ninh",
        "82": "Đồng Tháp",
        "86": "Vĩnh Long",
        "91": "An Giang",
        "92": "Cần Thơ",
        "96": "Cà Mau",
    }
)


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
    for position, char in enumerate(text):
        if unicodedata.category(char) in _UNSEEN and char != "\n":
            raise FormatError(
                N_("There is a character in it that cannot be shown."),
                code="unprintable",
                position=position,
            )
    return text


def _present(text: str) -> str:
    if not text:
        raise FormatError(N_("This must not be empty."), code="empty")
    return text


def _gtin(value: object) -> object:
    return Gtin.parse(value) if isinstance(value, str) else value


def _gln(value: object) -> object:
    return Gln.parse(value) if isinstance(value, str) else value


def _date(value: object) -> object:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise FormatError(N_("A date is written YYYY-MM-DD."), code="date", clause="RFC 3339 §5.6")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FormatError(
            N_("There is no such day."), code="date", clause="RFC 3339 §5.7"
        ) from None


def _province(value: str) -> str:
    if value and value not in PROVINCES:
        raise FormatError(N_("This is none of the 34 province codes of 2025."), code="province")
    return value


def lot(value: str) -> str:
    """Check a lot number, AI (10)."""
    return _component("10", "lot", value, "GS1 General Specifications 3.4.1")


def serial(value: str) -> str:
    """Check a serial number, AI (21)."""
    return _component("21", "serial", value, "GS1 General Specifications 3.5.1")


def _component(ai: str, name: str, value: str, clause: str) -> str:
    if _CSET82.fullmatch(value):
        return value
    raise FormatError(
        N_("1 to 20 characters of the GS1 character set 82: no spaces, no accents."),
        code=f"{name}_form",
        ai=ai,
        clause=clause,
    )


Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(_clean)]
Name = Annotated[Text, AfterValidator(_present)]
LongText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_clean)]
GtinField = Annotated[InstanceOf[Gtin], BeforeValidator(_gtin)]
GlnField = Annotated[InstanceOf[Gln], BeforeValidator(_gln)]
DateField = Annotated[date, BeforeValidator(_date)]
Lot = Annotated[str, AfterValidator(lot)]
Serial = Annotated[str, AfterValidator(serial)]
Province = Annotated[str, AfterValidator(_province)]


class Input(BaseModel):
    """What a client sends: no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ProductIn(Input):
    """A product to register; without ``gtin`` the next free one of the party is taken."""

    gtin: GtinField | None = None
    name: Name
    name_en: Text = ""
    brand: Text = ""
    description: LongText = ""
    net_content: Text = ""
    origin: Text = ""
    ingredients: LongText = ""
    storage: LongText = ""
    warnings: LongText = ""
    standards: LongText = ""
    shelf_life_days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class BatchIn(Input):
    """A batch (lot) of a product; the lot is AI (10), GS1 General Specifications 3.4.1."""

    lot: Lot
    production_date: DateField | None = None
    expiry_date: DateField | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        made, expires = self.production_date, self.expiry_date
        if made and expires and expires < made:
            raise FormatError(
                N_("The batch would expire before it is made."), code="dates_reversed"
            )
        return self


class PlaceIn(Input):
    """A place to register; without ``gln`` the next free one of the party is taken."""

    gln: GlnField | None = None
    name: Name
    address: Text = ""
    province: Province = ""
