"""EPC: URNs, tag URIs and RFID bits to and from GS1 keys (EPC Tag Data Standard 2.3).

>>> from_hex("3076451FD40C0E4000000001").to_digital_link()
'https://id.gs1.org/01/09521141123454/21/1'
>>> parse("urn:epc:id:sscc:0614141.1234567890").to_ai_items()
(('00', '106141412345678908'),)
"""

from gs1.epc.batch import batch_epc, batch_hex
from gs1.epc.identity import Epc, Tag, from_items
from gs1.epc.reading import from_compressed, from_hex, parse

__all__ = [
    "Epc",
    "Tag",
    "batch_epc",
    "batch_hex",
    "from_compressed",
    "from_hex",
    "from_items",
    "parse",
]
