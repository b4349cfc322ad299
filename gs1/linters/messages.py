"""Text of every linter code, in the wording of the GS1 Syntax Engine so that answers compare."""

from __future__ import annotations

_GCP = "GS1 Company Prefix"
_MESSAGES = {
    "non_digit_character": "A non-digit character was found where a digit is expected.",
    "incorrect_check_digit": "The numeric check digit is incorrect.",
    "too_short_for_check_digit": "The component is too short to perform a numeric check "
    "digit calculation.",
    "incorrect_check_pair": "The alphanumeric check-character pair are incorrect.",
    "gcp_datasource_offline": "The data source for GCP lookups is offline.",
    "too_short_for_gcp": f"The component is shorter than the minimum length {_GCP}.",
    "invalid_gcp_prefix": f"The {_GCP} is invalid.",
    "importer_idx_must_be_one_character": "The Importer Index must be a single character.",
    "invalid_import_idx_character": "The Importer Index is an invalid character.",
    "illegal_zero_value": "A non-zero value is required.",
    "not_zero": "A zero is required.",
    "illegal_zero_prefix": "A zero prefix is not permitted.",
    "not_zero_or_one": 'A "0" or "1" is required.',
    "invalid_winding_direction": 'The winding direction must be either "0", "1" or "9".',
    "not_iso3166": "A valid ISO 3166 three-digit country code is required.",
    "not_iso3166_or_999": 'A valid ISO 3166 three-digit country code or "999" is required.',
    "not_iso3166_alpha2": "A valid ISO 3166 two-character country code is required.",
    "not_iso4217": "A valid ISO 4217 three-digit currency code is required.",
    "iban_too_short": "The IBAN is too short.",
    "iban_too_long": "The IBAN is too long.",
    "invalid_iban_character": "The IBAN contains an invalid character.",
    "illegal_iban_country_code": "The IBAN must start with a valid ISO 3166 two-character "
    "country code.",
    "incorrect_iban_checksum": "The IBAN is invalid since the check characters are incorrect.",
    "illegal_month": "The date contains an illegal month of the year.",
    "illegal_day": "The date contains an illegal day of the month.",
    "illegal_hour": "The time contains an illegal hour.",
    "illegal_minute": "The time contains an illegal minute.",
    "illegal_second": "The time contains an illegal seconds.",
    "invalid_length_for_piece_of_total": "The piece with total must have an even length, having "
    "equal-length components.",
    "zero_piece_number": "The piece number must not have a value of zero.",
    "zero_total_pieces": "The piece total must not have a value of zero.",
    "piece_number_exceeds_total": "The piece number must not exceed the piece total.",
    "invalid_percent_sequence": 'The input contains an invalid percent hex-encoding "%hh" '
    "sequence.",
    "invalid_latitude": 'The latitude is outside of the range "0000000000" to "1800000000".',
    "invalid_longitude": 'The longitude is outside of the range "0000000000" to "3600000000".',
    "invalid_media_type": "A valid AIDC media type is required.",
    "invalid_package_type": "A valid PackageTypeCode is required.",
    "invalid_cset64_padding": "Incorrect number of CSET 64 pad characters.",
    "not_hyphen": "Only hyphens are permitted.",
    "invalid_biological_sex_code": "A valid ISO/IEC 5218 biological sex code required.",
    "position_in_sequence_malformed": 'The data must have the format "<pos>/<end>".',
    "position_exceeds_end": "The position number must not exceed the end number.",
    "requires_non_digit_character": "A non-digit character is required.",
}  # fmt: skip


def _sets() -> dict[str, str]:
    return {
        f"invalid_cset{n}_character": f"A non-CSET {n} character was found where a CSET {n} "
        "character is expected."
        for n in (82, 39, 64)
    } | {
        f"too_{size}_for_check_pair{rest}": f"The component is too {size} to perform an "
        "alphanumeric check character pair calculation."
        for size, rest in (("short", ""), ("long", "_implementation"))
    }


def _sizes() -> dict[str, str]:
    formats = {
        "date": ("date", "YYMMDD"),
        "hour_with_minute": ("hour with minute", "HHMM"),
        "hour": ("hour", "HH"),
        "minute": ("minute", "MM"),
        "second": ("second", "SS"),
    }
    texts = {
        f"{code}_too_{size}": f"The {name} is too {size} for {form} format."
        for code, (name, form) in formats.items()
        for size in ("short", "long")
    }
    return texts | {
        f"{name}_invalid_length": f"The {name} must be 10 digits."
        for name in ("latitude", "longitude")
    }


def _coupon() -> dict[str, str]:
    """Coupon codes: a field is missing, has a wrong digit, or is shorter than announced."""
    texts = {}
    for code, name, allowed in (
        ("funder", "Funder", '"0" to "6"'),
        ("serial_number", "Serial Number", ""),
        ("gcp", f"primary {_GCP}", '"0" to "6"'),
        ("save_value", "Save Value", '"1" to "5"'),
        ("1st_purchase_requirement", "primary purchase Requirement", '"1" to "5"'),
        ("2nd_purchase_requirement", "second purchase Requirement", '"1" to "5"'),
        ("3rd_purchase_requirement", "third purchase Requirement", '"1" to "5"'),
        ("2nd_purchase_gcp", f"second purchase {_GCP}", '"0" to "6" or "9"'),
        ("3rd_purchase_gcp", f"third purchase {_GCP}", '"0" to "6" or "9"'),
        ("retailer_gcp_or_gln", "Retailer GCP/GLN", '"1" to "7"'),
    ):
        texts[f"missing_{code}_vli"] = f"{name} VLI is missing."
        texts[f"invalid_{code}_length"] = f"{name} VLI must be {allowed}."
        texts[f"truncated_{code}"] = f"{name} is shorter than what is indicated by its VLI."
    for code, name, allowed in (
        ("format_code", "Format Code", '"0" or "1"'),
        ("1st_purchase_requirement_code", "primary purchase Requirement Code", '"0" to "4" or "9"'),
        ("2nd_purchase_requirement_code", "second purchase Requirement Code", '"0" to "4" or "9"'),
        ("3rd_purchase_requirement_code", "third purchase Requirement Code", '"0" to "4" or "9"'),
        ("additional_purchase_rules_code", "Additional Purchase Rules Code", '"0" to "3"'),
        ("save_value_code", "Save Value Code", '"0", "1", "2", "5" or "6"'),
        ("save_value_applies_to_item", "Save Value Applies to Item", '"0" to "2"'),
        ("store_coupon_flag", "Store Coupon Flag", ""),
        ("dont_multiply_flag", "Don't Multiply Flag", '"0" or "1"'),
    ):
        texts[f"missing_{code}"] = f"{name} is missing."
        texts[f"invalid_{code}"] = f"{name} must be {allowed}."
    for ordinal, name in (("1st", "primary"), ("2nd", "second"), ("3rd", "third")):
        texts[f"truncated_{ordinal}_purchase_family_code"] = (
            f"{name} purchase Family Code is shorter than the required three digits."
        )
    texts |= {
        "truncated_offer_code": "Offer Code is shorter than the required six digits.",
        "too_short_for_expiration_date": "expiration date is too short for YYMMDD format.",
        "invalid_exipiration_date": "expiration date is invalid.",
        "too_short_for_start_date": "start date is too short to YYMMDD format.",
        "invalid_start_date": "start date is invalid.",
        "expiration_before_start": "expiration date precede the start date.",
    }
    excess = "The coupon contains excess data after the recognised optional fields."
    return {f"coupon_{code}": f"The coupon's {text}" for code, text in texts.items()} | {
        "coupon_excess_data": excess
    }


MESSAGES = _MESSAGES | _sets() | _sizes() | _coupon()
