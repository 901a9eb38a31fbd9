#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make country_vectors.txt: numbers of every country code, and the country that the library phonenumbers names.

    pip install phonenumbers && make_country_vectors.py > country_vectors.txt

A line is E.164 digits and the code that winnow must give. The digits are random, the last of them zeros, and only
those stand here that the library takes for valid. Where winnow says less than the library, that is said below.
"""
import random
import sys

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as CODES
from phonenumbers.phonemetadata import PhoneMetadata

EACH = 6        # numbers of each country
SHARED = 30     # of countries that share a code
TRIES = 6000
LEAST, MOST = 7, 15      # digits of a number (ITU-T E.164); the library takes longer ones in Germany

# Plans that do not tell these apart: Western Sahara is in Morocco's, Saint Barthélemy and Saint Martin in Guadeloupe's.
COARSER = {"EH": "MA", "BL": "GP", "MF": "GP", "001": "INT"}


def lengths(code):
    """Lengths that numbers of a code may have."""
    found = set()
    for region in CODES[code]:
        data = (PhoneMetadata.metadata_for_nongeo_region(code) if region == "001"
                else PhoneMetadata.metadata_for_region(region))
        found |= set(data.general_desc.possible_length)
    return sorted(found)


def country(digits):
    """What winnow must say of valid digits, or None where they are not valid."""
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    if f"{number.country_code}{phonenumbers.national_significant_number(number)}" != digits:
        return None     # the library drops a zero that does not belong there
    if not phonenumbers.is_valid_number(number):
        return None
    if number.country_code == 1:
        return "NANP"   # area codes are out of scope
    if number.italian_leading_zero and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE:
        return None     # 0800 of a country whose numbers begin with no zero: not to be reached with its code
    if digits.startswith("449"):
        return "GB"     # premium numbers are no island's
    region = phonenumbers.region_code_for_number(number)
    return COARSER.get(region, region)


def tries(code, dice):
    """Digits to try: random ones, and of countries that share a code those near an example's beginning."""
    for i in range(TRIES):
        length = dice.choice(lengths(code))
        start = ""
        if len(CODES[code]) > 1 and i % 2:
            kind = dice.choice((phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE))
            example = phonenumbers.example_number_for_type(CODES[code][i // 2 % len(CODES[code])], kind)
            start = phonenumbers.national_significant_number(example)[:dice.choice((3, 4, 5))] if example else ""
        elif i % 3 == 0:
            start = "0"     # numbers that keep it behind the country code
        zeros = "0000" if length > 6 else "00"
        some = max(length - len(zeros) - len(start), 0)
        yield str(code) + (start + "".join(dice.choices("0123456789", k=some)) + zeros)[:length]


def main():
    dice = random.Random(20261124)
    for code in sorted(CODES):
        found = {}
        most = EACH if len(CODES[code]) == 1 or code == 1 else SHARED
        for digits in tries(code, dice):
            answer = country(digits) if LEAST <= len(digits) <= MOST else None
            kept = found.setdefault((answer, digits[len(str(code))] == "0"), set()) if answer else set()
            if answer and len(kept) < most:
                kept.add(digits)
        if not found:
            print(f"+{code}: no number found", file=sys.stderr)
        for digits, answer in sorted((digits, key[0]) for key in found for digits in found[key]):
            print(digits, answer)

    assigned = {str(code) for code in CODES}
    for prefix in range(1, 1000):       # every prefix of three digits that begins no assigned code
        text = f"{prefix:03}"
        if text[0] != "0" and not any(text[:n] in assigned for n in (1, 2, 3)):
            print(f"{text}1230000", "unknown")


if __name__ == "__main__":
    main()
