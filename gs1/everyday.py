"""Codes of everyday life that are no product codes: told apart by their form, and not kept.

Of personal codes (identity card, contact, Wi-Fi) only the kind is reported, so that no page, log or
database of a caller can come to hold what stood in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class IdentityCard:
    """The QR code of a Vietnamese citizen identity card; nothing of it is kept.

    >>> recognise("001099000001||NGUYEN VAN A|01011999|Nam|Ha Noi|01012021").to_dict()
    {'kind': 'identity_card'}
    """

    kind: ClassVar[Literal["identity_card"]] = "identity_card"

    def to_dict(self) -> dict[str, object]:
        """JSON form: the kind alone."""
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Wifi:
    """Access data of a wireless network; nothing of it is kept.

    >>> recognise("WIFI:T:WPA;S:shop;P:secret;;").to_dict()
    {'kind': 'wifi'}
    """

    kind: ClassVar[Literal["wifi"]] = "wifi"

    def to_dict(self) -> dict[str, object]:
        """JSON form: the kind alone."""
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Contact:
    """A business card, an address or a mail address; nothing of it is kept.

    >>> recognise("mailto:a@example.com").to_dict()
    {'kind': 'contact'}
    """

    kind: ClassVar[Literal["contact"]] = "contact"

    def to_dict(self) -> dict[str, object]:
        """JSON form: the kind alone."""
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Action:
    """Something a telephone would do at once: call, write a message, show a place.

    >>> recognise("tel:+84900000000").to_dict()
    {'kind': 'phone'}
    """

    kind: Literal["phone", "sms", "geo"]

    def to_dict(self) -> dict[str, object]:
        """JSON form: the kind alone."""
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Link:
    """A web address that is no GS1 Digital Link, or that of an app; never to be opened unasked.

    ``host`` in small ASCII letters, empty for a scheme without one; ``scheme`` "https" where the
    text has none.
    """

    kind: Literal["link", "app_store"]
    scheme: str
    host: str

    def to_dict(self) -> dict[str, object]:
        """JSON form.

        >>> recognise("https://example.com/promo").to_dict()
        {'kind': 'link', 'scheme': 'https', 'host': 'example.com'}
        """
        return {"kind": self.kind, "scheme": self.scheme, "host": self.host}


Everyday = IdentityCard | Wifi | Contact | Action | Link

_CONTACT = ("begin:vcard", "mecard:", "bizcard:", "mailto:", "matmsg:")
_ACTIONS: dict[str, Literal["phone", "sms", "geo"]] = {
    "tel:": "phone",
    "sms:": "sms",
    "smsto:": "sms",
    "mms:": "sms",
    "mmsto:": "sms",
    "geo:": "geo",
}
_STORE_HOSTS = frozenset(
    {"apps.apple.com", "itunes.apple.com", "play.google.com", "appgallery.huawei.com"}
)
_STORE_SCHEMES = frozenset({"market", "itms-apps", "itms-appss", "itms"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{1,20})://\S|(javascript|data|intent):", re.I)
_BARE = re.compile(r"(?:www\.)?(?:[A-Za-z0-9\-]{1,63}\.)+[A-Za-z]{2,24}(?:[/?#]\S*)?")


def recognise(text: str) -> Everyday | None:
    """What the text is, if it is one of these.

    >>> recognise("WIFI:T:WPA;S:shop;P:secret;;")
    Wifi()
    >>> recognise("hello") is None
    True
    """
    start = text[:16].lower()
    if _is_identity_card(text):
        return IdentityCard()
    if start.startswith("wifi:"):
        return Wifi()
    if start.startswith(_CONTACT):
        return Contact()
    for prefix, action in _ACTIONS.items():
        if start.startswith(prefix):
            return Action(action)
    return _link(text)


def _is_identity_card(text: str) -> bool:
    """Number, former number, name, birth date as DDMMYYYY, sex, residence, date of issue …"""
    parts = text.split("|", 8)
    return (
        len(parts) >= 6
        and _is_digits(parts[0], 12)
        and (not parts[1] or _is_digits(parts[1], 9))
        and _is_digits(parts[3], 8)
    )


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _link(text: str) -> Link | None:
    found = _SCHEME.match(text)
    if found:
        scheme = (found[1] or found[2]).lower()
        host = _host(text) if found[1] else ""
    elif _BARE.fullmatch(text):
        scheme, host = "https", _host(f"https://{text}")
    else:
        return None
    store = scheme in _STORE_SCHEMES or host in _STORE_HOSTS
    return Link("app_store" if store else "link", scheme, host)


def _host(uri: str) -> str:
    try:
        host = urlsplit(uri).hostname or ""
    except ValueError:
        return ""
    # Letters of other scripts imitate known names: they are shown by number.
    return host.encode("ascii", "backslashreplace").decode("ascii")
