"""Who and what the sample stories are about: firms, places, products, lots, serial numbers.

Names of people, firms and products are invented; codes use GS1's demonstration prefix 952.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from gs1.check_digit import check_digit

# Without letters that look alike or could form words; the story's serials are always the same.
_SIGNS = "23456789BCDFGHJKMNPQRTVWXZ"


def gtin(item: str) -> str:
    """Give the GTIN-14 of a company prefix with item reference, 12 digits together."""
    return "0" + item + check_digit(item)


def gln(location: str) -> str:
    """Give the GLN of a company prefix with location reference, 12 digits together."""
    return location + check_digit(location)


def sscc(reference: str) -> str:
    """Give the SSCC of extension digit, company prefix and serial reference, 17 digits together."""
    return reference + check_digit(reference)


def serials(seed: str, count: int) -> list[str]:
    """Give serial numbers that nobody guesses from one another, the same at every load."""
    rng = random.Random(f"nguon demo {seed}")  # noqa: S311 - repeatable sample data
    return ["".join(rng.choices(_SIGNS, k=12)) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Firm:
    """A party of the story."""

    name: str
    prefix: str
    address: str
    province: str
    phone: str
    kind: str = "producer"

    @property
    def gln(self) -> str:
        """The party's own GLN: location reference 0 under its prefix."""
        return gln(self.prefix.ljust(12, "0"))


COOP = Firm(
    "HTX Nông nghiệp Suối Đá",
    "9520001",
    "Thôn Suối Đá, xã Đồi Sương, tỉnh Lâm Đồng",
    "68",
    "1900 0000 (số minh họa)",
)
FISH = Firm(
    "Nhà thùng nước mắm Bãi Sậy",
    "9520002",
    "Ấp Bãi Sậy, đặc khu Đảo Sóng, tỉnh An Giang",
    "91",
    "1900 0001 (số minh họa)",
)
FRUIT = Firm(
    "Công ty Trái cây Vườn Trăng",
    "9520003",
    "Ấp Cồn Trăng, xã Cù Lao Mới, tỉnh Đồng Tháp",
    "82",
    "1900 0002 (số minh họa)",
)
CARRIER = Firm(
    "Kho vận Trường Giang",
    "9520008",
    "Đường số 9, phường Bến Xanh, Thành phố Hồ Chí Minh",
    "79",
    "",
    "carrier",
)
SHOP = Firm(
    "Cửa hàng Mái Hiên",
    "9520009",
    "Phố Mái Hiên, phường Cửa Bắc, Hà Nội",
    "01",
    "",
    "trader",
)
FIRMS = (COOP, FISH, FRUIT, CARRIER, SHOP)

GROVE_MIST = gln("952000100011")
GROVE_PINE = gln("952000100012")
GROVE_BROOK = gln("952000100013")
ROASTERY = gln("952000100020")
DEPOT = gln("952000800010")
SHOP_HANOI = gln("952000900010")
SHOP_HUE = gln("952000900020")
SHOP_SAIGON = gln("952000900030")
BARRELS = gln("952000200010")
ORCHARD = gln("952000300010")
DRYER = gln("952000300020")

CHERRIES = gtin("952000100010")
COFFEE = gtin("952000100017")
FISH_SAUCE = gtin("952000200040")
MANGO = gtin("952000300020")
UNREGISTERED = gtin("952777700001")

COFFEE_LOT = "L2610-07"
FISH_LOT_RECALLED = "BS-0926"
FISH_LOT = "BS-1026"
MANGO_LOT = "VT-2610"
MANGO_LOT_EXPIRED = "VT-2504"

COFFEE_SERIALS = serials("coffee", 48)
FISH_SERIALS = serials("fish", 12)
MANGO_SERIALS = serials("mango", 8)
MANGO_OLD_SERIALS = serials("mango, old", 2)
COPIED, DESTROYED, SOLD = MANGO_SERIALS[:3]
NOT_RELEASED = serials("mango, not released", 1)[0]

CASES = [sscc(f"0952000100000000{n}") for n in range(1, 5)]
PALLET = sscc("09520001000000090")
FISH_CASE = sscc("09520002000000001")

PLACES: tuple[tuple[Firm, str, str, str, str], ...] = (
    (COOP, GROVE_MIST, "Vườn cà phê Đồi Sương", "Xã Đồi Sương, Lâm Đồng", "68"),
    (COOP, GROVE_PINE, "Vườn cà phê Đồi Thông", "Xã Đồi Thông, Lâm Đồng", "68"),
    (COOP, GROVE_BROOK, "Vườn cà phê Suối Cạn", "Xã Suối Cạn, Lâm Đồng", "68"),
    (COOP, ROASTERY, "Xưởng rang Suối Đá", "Thôn Suối Đá, xã Đồi Sương, Lâm Đồng", "68"),
    (CARRIER, DEPOT, "Kho Trường Giang", "Phường Bến Xanh, TP. Hồ Chí Minh", "79"),
    (SHOP, SHOP_HANOI, "Mái Hiên Cửa Bắc", "Phường Cửa Bắc, Hà Nội", "01"),
    (SHOP, SHOP_HUE, "Mái Hiên Sông Xanh", "Phường Sông Xanh, Huế", "46"),
    (SHOP, SHOP_SAIGON, "Mái Hiên Bến Nắng", "Phường Bến Nắng, TP. Hồ Chí Minh", "79"),
    (FISH, BARRELS, "Nhà thùng Bãi Sậy", "Ấp Bãi Sậy, đặc khu Đảo Sóng, An Giang", "91"),
    (FRUIT, ORCHARD, "Vườn xoài Cồn Trăng", "Ấp Cồn Trăng, xã Cù Lao Mới, Đồng Tháp", "82"),
    (FRUIT, DRYER, "Xưởng sấy Vườn Trăng", "Xã Cù Lao Mới, Đồng Tháp", "82"),
)

PRODUCTS: tuple[tuple[Firm, dict[str, Any]], ...] = (
    (
        COOP,
        {
            "gtin": CHERRIES,
            "name": "Quả cà phê Arabica chín, Suối Đá",
            "name_en": "Ripe Arabica coffee cherries, Suối Đá",
            "origin": "Lâm Đồng",
        },
    ),
    (
        COOP,
        {
            "gtin": COFFEE,
            "name": "Cà phê rang mộc Suối Đá 250 g",
            "name_en": "Suối Đá plain-roasted coffee 250 g",
            "brand": "Suối Đá",
            "description": "Hạt Arabica rang vừa, không thêm bơ, không thêm hương.",
            "net_content": "250 g",
            "origin": "Trồng và rang tại Lâm Đồng",
            "ingredients": "100 % hạt cà phê Arabica",
            "storage": "Nơi khô, mát; đậy kín sau khi mở.",
            "standards": "TCVN 5250:2015 (cơ sở tự khai)",
            "shelf_life_days": 365,
        },
    ),
    (
        FISH,
        {
            "gtin": FISH_SAUCE,
            "name": "Nước mắm Bãi Sậy 40 độ đạm 500 ml",
            "name_en": "Bãi Sậy fish sauce 40°N 500 ml",
            "brand": "Bãi Sậy",
            "description": "Cá cơm và muối biển, ủ chượp trong thùng gỗ 12 tháng.",
            "net_content": "500 ml",
            "origin": "Ủ và đóng chai tại An Giang",
            "ingredients": "Cá cơm, muối biển",
            "storage": "Nơi thoáng mát, tránh nắng.",
            "warnings": "Chứa cá. Người dị ứng cá không dùng.",
            "standards": "TCVN 5107:2018 (cơ sở tự khai)",
            "shelf_life_days": 1095,
        },
    ),
    (
        FRUIT,
        {
            "gtin": MANGO,
            "name": "Xoài sấy dẻo Vườn Trăng 200 g",
            "name_en": "Vườn Trăng soft dried mango 200 g",
            "brand": "Vườn Trăng",
            "description": "Xoài chín thái lát, sấy ở nhiệt độ thấp.",
            "net_content": "200 g",
            "origin": "Trồng và sấy tại Đồng Tháp",
            "ingredients": "Xoài, đường mía 5 %",
            "storage": "Nơi khô, mát; dùng trong 7 ngày sau khi mở.",
            "shelf_life_days": 180,
        },
    ),
)
