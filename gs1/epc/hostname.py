"""Host names in '++' EPCs: URN Code 40, or 7-bit text with short forms (TDS 14.5.16)."""

from __future__ import annotations

from functools import cache

from gs1.epc.alphanumeric import read_code40, write_code40
from gs1.epc.bits import BitReader, BitWriter
from gs1.epc.faults import fault

_CLAUSE = "14.5.16"
_HOST = "abcdefghijklmnopqrstuvwxyz0123456789-."

# Table 14-11: codes of seven bits that no character of CSET 82 uses.
_SHORT = {
    0b0011110: "qr.",
    0b0011111: "www.",
    0b0100000: "id.",
    0b1011011: ".com",
    0b1011100: ".org",
    0b1011101: ".net",
    0b1011110: ".int",
    0b1100000: ".edu",
    0b1111011: ".gov",
    0b1111100: ".mil",
    0b1111101: ".biz",
    0b1111110: ".eco",
    0b1111111: ".med",
}

# Tables 14-12 to 14-15: the first seven bits choose the line, the next seven the place in it. The
# standard prints .org.cn and .net.cn with another first half than their table has.
_LONG = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo bq br "
    "bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec "
    "ee eg eh er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy "
    "hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz "
    "la lb lc li",
    "lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc "
    "ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw "
    "sa sb sc sd se sg sh si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to "
    "tr tt tv tw tz ua ug us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw",
    "com.au net.au org.au co.at com.bd co.bd com.br net.br co.nz com.ng com.pk co.in com.in co.il "
    "co.jp co.za co.kr com.es com.lk co.th co.tt com.tt com.tr biz.tr com.ua co.uk co.zm com.zm "
    "com.cn org.cn net.cn gov.cn",
    "tech",
)


@cache
def _long() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple("." + name for name in line.split()) for line in _LONG)


@cache
def _codes() -> dict[str, tuple[int, ...]]:
    """Seven-bit codes of every short form, longest form first."""
    codes: dict[str, tuple[int, ...]] = {form: (code,) for code, form in _SHORT.items()}
    for line, forms in enumerate(_long()):
        codes |= {form: (line, place) for place, form in enumerate(forms)}
    return dict(sorted(codes.items(), key=lambda item: -len(item[0])))


def read_hostname(bits: BitReader) -> str:
    """The host name that ``bits`` go on with, in small letters.

    >>> bits = BitWriter()
    >>> write_hostname(bits, "id.example.vn")
    >>> read_hostname(BitReader(bits.value, bits.size))
    'id.example.vn'
    """
    is_text, length = bits.read(1), bits.read(6)
    if not length:
        raise fault("epc_hostname", "the host name is empty", _CLAUSE)
    host = (_read_text(bits, length) if is_text else read_code40(bits, length)).lower()
    if host.lstrip(_HOST + "_"):
        raise fault("epc_hostname", f"{host!a} is no host name", _CLAUSE)
    return host


def _read_text(bits: BitReader, length: int) -> str:
    host = ""
    while length > 0:
        code = bits.read(7)
        if code < len(_LONG):
            place = bits.read(7)
            if place >= len(_long()[code]):
                raise fault("epc_hostname", "a short form is reserved", _CLAUSE)
            host += _long()[code][place]
            length -= 2
        else:
            host += _SHORT.get(code, chr(code))
            length -= 1
    if length:
        raise fault("epc_hostname", "a short form goes beyond the length", _CLAUSE)
    return host


def write_hostname(bits: BitWriter, host: str) -> None:
    """Append ``host`` in the form that takes fewer bits; EpcError when it is no host name.

    >>> bits = BitWriter()
    >>> write_hostname(bits, "example.com")
    >>> bits.size
    63
    """
    host = host.lower()
    codes = _text_codes(host)
    if not host or host.lstrip(_HOST) or len(codes) > 63:
        raise fault("epc_hostname", f"{host[:70]!a} is no host name of a tag", _CLAUSE)
    if 7 * len(codes) <= -(-len(host) // 3) * 16:
        bits.write(1, 1)
        bits.write(6, len(codes))
        for code in codes:
            bits.write(7, code)
    else:
        bits.write(1, 0)
        bits.write(6, len(host))
        write_code40(bits, host.upper())


def _text_codes(host: str) -> list[int]:
    codes: list[int] = []
    at = 0
    while at < len(host):
        form = next((form for form in _codes() if host.startswith(form, at)), "")
        codes += _codes()[form] if form else (ord(host[at]),)
        at += len(form) or 1
    return codes
