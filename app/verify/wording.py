"""The words of verdicts: msgids of states, reasons and what a code does not say.

They stand in one place so that a page, its JSON and the tests against the published list of states
(docs/verdicts.md) say the same. Parameters are named as in gettext.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from app.i18n import N_

Family = Literal["green", "blue", "orange", "red", "grey"]


class StateWording(NamedTuple):
    """Family, title and action of a verdict state; the last two are msgids."""

    colour: Family
    title: str
    action: str


STATES: Mapping[str, StateWording] = {
    "UNREADABLE": StateWording(
        "grey",
        N_("The code could not be read"),
        N_(
            "Take the photo again: good light, the whole code in the frame, no glare. "
            "Or type the digits printed below it."
        ),
    ),
    "NOT_A_PRODUCT_CODE": StateWording(
        "grey",
        N_("This is not a product code"),
        N_("Do not pay or follow a link in order to “verify” a product."),
    ),
    "MALFORMED": StateWording(
        "orange",
        N_("The code is not well formed"),
        N_(
            "One digit may have been misread: scan again. "
            "If it stays so, the printed code is wrong: report it."
        ),
    ),
    "RECALLED": StateWording(
        "red",
        N_("Recalled – do not use"),
        N_("Stop using it, keep the packaging, return it. See the reason and the notice number."),
    ),
    "DEACTIVATED": StateWording(
        "red",
        N_("The code was deactivated – possibly copied"),
        N_("This unit was declared destroyed, lost or sold before this scan. Please report it."),
    ),
    "SUSPECTED_COPY": StateWording(
        "red",
        N_("This code may have been copied"),
        N_(
            "The code was scanned by %(devices)s devices in %(provinces)s provinces. "
            "This does not prove a fake."
        ),
    ),
    "CONTRADICTED": StateWording(
        "orange",
        N_("The label contradicts the declared data"),
        N_("See each contradiction below."),
    ),
    "EXPIRED": StateWording(
        "orange",
        N_("Past its expiry date"),
        N_("Expired on %(date)s. Do not use."),
    ),
    "NOT_ACTIVATED": StateWording(
        "orange",
        N_("The code is not active yet"),
        N_("The code was issued, but the manufacturer has not declared this unit as released."),
    ),
    "UNREGISTERED": StateWording(
        "grey",
        N_("Not registered here"),
        N_("This does not mean it is fake: many products are not registered. Asked: %(sources)s."),
    ),
    "PRODUCT_ONLY": StateWording(
        "blue",
        N_("The product is declared – the single unit cannot be told apart"),
        N_("This barcode is the same on every pack, and anyone can reprint it."),
    ),
    "BATCH_MATCHES": StateWording(
        "blue",
        N_("The batch is declared; nothing unusual found"),
        N_("See where the batch came from."),
    ),
    "ITEM_MATCHES": StateWording(
        "green",
        N_("The code matches data signed by the manufacturer – nothing unusual found"),
        N_(
            "You are scan number %(n)s. A printed code can still be copied: "
            "use the hidden code to be surer."
        ),
    ),
    "ITEM_CONFIRMED": StateWording(
        "green",
        N_("Confirmed by the hidden code, first use"),
        N_("Keep receipt %(receipt)s. Next time this hidden code will show as used."),
    ),
}

# Sentences of the reasons, by code. Parameters are codes, numbers and dates of the reason.
REASONS: Mapping[str, str] = {
    # UNREADABLE
    "no-symbol": N_("No barcode or QR code was found in the photo."),
    "decoders-disagree": N_("Two decoders read different digits here, so neither is believed."),
    "decoder-failed": N_("The reading program gave no answer for this photo and was restarted."),
    # NOT_A_PRODUCT_CODE
    "payment-code": N_("This is a payment code: it moves money and says nothing about goods."),
    "identity-card": N_("This is the code of an identity card. Nothing of it was kept."),
    "wifi": N_("This code holds the name and password of a wireless network."),
    "contact": N_("This code holds a contact card."),
    "link": N_("This code is a link to %(host)s. It was not opened."),
    "other-text": N_("This code holds text that follows no product numbering standard."),
    "place-code": N_("This number names a place (GLN), not a product."),
    "place-declared": N_("Declared under this number: %(place)s."),
    "other-key": N_("This GS1 number (%(kind)s) names neither a product nor a shipment."),
    # MALFORMED
    "check-digit": N_("The check digit is wrong: digit by digit, another number would fit."),
    "last-digit-typed": N_(
        "The last digit must be %(expected)s, you typed %(given)s. One digit may be mistyped."
    ),
    "last-digit-read": N_(
        "The last digit must be %(expected)s, the photo shows %(given)s. "
        "One digit may be misread or misprinted."
    ),
    "digit-count": N_(
        "These are %(count)s digits. Below a barcode stand 8, 12, 13 or 14: "
        "one may be missing, or one too many."
    ),
    "syntax": N_("The code breaks a rule of the GS1 standard."),
    "reader-fault": N_(
        "Read as it stands, it fits nothing; with one reader's fault undone, it does."
    ),
    # RECALLED
    "recalled-product": N_("The whole product is under recall notice %(number)s, in force."),
    "recalled-lot": N_("Lot %(lot)s is under recall notice %(number)s, in force."),
    "recalled-serial": N_("This very unit is under recall notice %(number)s, in force."),
    "recall-other-lot": N_(
        "Recall notice %(number)s covers lot %(lot)s of this product. Compare the lot on the pack."
    ),
    # DEACTIVATED
    "destroyed": N_("This unit was declared destroyed."),
    "decommissioned": N_("The code of this unit was taken out of use."),
    "stolen": N_("This unit was declared stolen."),
    "sold": N_("This unit was declared sold to a consumer before this scan."),
    "inactive": N_("This unit was declared inactive."),
    "revoked": N_("The number of this unit was revoked."),
    # SUSPECTED_COPY
    "many-places": N_(
        "In %(days)s days %(devices)s devices in %(provinces)s provinces scanned this one unit."
    ),
    # CONTRADICTED
    "lot-differs": N_("The label says lot %(label)s, the register says %(register)s."),
    "lot-unknown": N_("Lot %(label)s is not among the declared lots of this product."),
    "expiry-differs": N_("The label says expiry %(label)s, the register says %(register)s."),
    "production-differs": N_(
        "The label says production date %(label)s, the register says %(register)s."
    ),
    "serial-unknown": N_("The serial number %(label)s was never issued for this product."),
    "symbols-differ": N_("Two codes on the same pack name different products: %(codes)s."),
    "moved-before-made": N_("The unit is declared as moved before it was declared as made."),
    "impossible-journey": N_(
        "Declared in %(first)s and %(hours)s hours later in %(second)s: too far for that time."
    ),
    "after-end": N_("The unit is declared as handled after it was declared destroyed or sold."),
    "ended-by-other": N_(
        "Declared as ended (destroyed, sold, lost) by a party that is neither its maker nor a "
        "declared holder."
    ),
    "proof-failed": N_("The proof that this record is in the log does not hold."),
    "signature-failed": N_("The signature on this record is not valid."),
    "foreign-commissioning": N_("The unit was put into use by a party that did not issue it."),
    # EXPIRED
    "expired-label": N_("The expiry date on the label, %(date)s, has passed."),
    "expired-register": N_("The declared expiry date, %(date)s, has passed."),
    "best-before-passed": N_("The best-before date on the label, %(date)s, has passed."),
    # NOT_ACTIVATED
    "not-commissioned": N_("The number was issued, but the unit was not declared as made."),
    # UNREGISTERED
    "not-registered": N_("Nobody has declared this code here."),
    "well-formed": N_("The code is well formed. That proves nothing about the goods."),
    # PRODUCT_ONLY, BATCH_MATCHES, ITEM_MATCHES, ITEM_CONFIRMED
    "product-declared": N_("The product is declared under this number."),
    "same-on-every-pack": N_("This code is the same on every pack of the product."),
    "lots-not-declared": N_("No lots of this product are declared, so lot %(label)s says nothing."),
    "serials-not-issued": N_(
        "No serial numbers of this product are registered, so %(label)s cannot be checked."
    ),
    "batch-declared": N_("Lot %(lot)s is declared and in date."),
    "batch-declared-expired": N_("Lot %(lot)s is declared."),
    "unit-active": N_("The serial number is registered and the unit is declared as made."),
    "container-declared": N_("The shipping unit (SSCC) is declared."),
    "signature-valid": N_("The signature is right; the key was in force when it was logged."),
    "in-log": N_("The record is in the log; its place was recomputed for this page."),
    "proof-pending": N_("The record is accepted; the next signed checkpoint will cover it."),
    "content-deleted": N_("The content of the record that says so was deleted by order."),
    "no-copy-signs": N_("The scans so far show no sign of copying."),
    "hidden-first": N_("The hidden code is right and was used for the first time."),
    "hidden-again": N_("This device confirmed the hidden code before; this is the same receipt."),
    # Notes that decide nothing
    "hidden-used": N_("The hidden code was already used at %(time)s."),
    "hidden-wrong": N_("The hidden code is wrong. Attempts left today: %(left)s."),
    "hidden-locked": N_("Too many wrong hidden codes: locked until tomorrow."),
    "hidden-not-tried": N_("The hidden code was not tried: look at the other reasons first."),
    "hidden-none": N_("No hidden code is registered for this unit."),
    "payment-beside": N_("A payment code stands beside the product code. It was not opened."),
    "journey-cut": N_("Partners reported more about this than is looked at and shown here."),
    "weak-reading": N_("The code was hard to read. Compare the digits with the print."),
    "foreign-link": N_("The link leads to %(host)s. It was not opened; only its number was used."),
}

# What the code does not say, by what was scanned.
NOT_SAID: Mapping[str, tuple[str, ...]] = {
    "gtin": (
        N_("It does not tell this pack from any other pack of the product."),
        N_("It does not prove who made what is inside."),
        N_("It does not say where the goods were made."),
    ),
    "lgtin": (
        N_("It does not tell this pack from another pack of the lot."),
        N_("It does not prove that the pack really belongs to the lot."),
        N_("It does not say anything about quality."),
    ),
    "sgtin": (
        N_("It does not prove that what is inside the pack is this product."),
        N_("It does not say anything about quality or taste."),
        N_("It does not say who held the pack where nothing is declared."),
    ),
    "sscc": (
        N_("It does not prove what is inside the shipping unit."),
        N_("It does not say who held it where nothing is declared."),
    ),
    "other": (N_("It does not say anything about a product."),),
}

# Why another code is offered.
OFFERS: Mapping[str, str] = {
    "beside": N_("Also in the photo"),
    "compare": N_("Yes, this number is printed there"),
    "last_digit": N_("The last digit put right"),
    "wrong_digit": N_("One digit read differently"),
    "transposed": N_("Two neighbouring digits exchanged"),
    "leading_zero": N_("With the leading zero that some readers drop"),
    "ai_lost": N_("With the identifier that some readers drop"),
    "separator_lost": N_("With the field separators that some readers drop"),
    "separator_typed": N_("With field separators in place of the characters typed for them"),
    "keyboard_azerty": N_("As typed by a reader with another keyboard layout"),
    "keyboard_qwertz": N_("As typed by a reader with another keyboard layout"),
    "caps_lock": N_("With capitals and small letters exchanged"),
}
DELETED_STOP = N_("Content deleted")
SCAN_STOP = N_("You scan the code")
OWN_REGISTER = N_("the register of Nguồn")
