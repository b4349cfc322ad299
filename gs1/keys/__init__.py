"""The GS1 identification keys as immutable values: an object that exists is valid."""

from gs1.keys.cpid import Cpid
from gs1.keys.gcn import Gcn
from gs1.keys.gdti import Gdti
from gs1.keys.giai import Giai
from gs1.keys.ginc import Ginc
from gs1.keys.gln import Gln
from gs1.keys.gmn import Gmn
from gs1.keys.grai import Grai
from gs1.keys.gsin import Gsin
from gs1.keys.gsrn import Gsrn, GsrnProvider
from gs1.keys.gtin import Gtin
from gs1.keys.itip import Itip
from gs1.keys.key import IdentificationKey
from gs1.keys.sscc import Sscc

__all__ = [
    "Cpid",
    "Gcn",
    "Gdti",
    "Giai",
    "Ginc",
    "Gln",
    "Gmn",
    "Grai",
    "Gsin",
    "Gsrn",
    "GsrnProvider",
    "Gtin",
    "IdentificationKey",
    "Itip",
    "Sscc",
]
