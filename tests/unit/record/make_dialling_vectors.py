#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make dialling_vectors.txt: numbers as they are dialled in each country, and what the library phonenumbers takes them for.

    pip install phonenumbers && make_dialling_vectors.py > dialling_vectors.txt

A line is the country's code, what is dialled there, and E.164 digits, or `emergency`. The digits are random, the last of
them zeros. Countries where the caller chooses a carrier by the international prefix are left out.
"""
import random
import re

import phonenumbers
from make_country_vectors import MOST, country
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as CODES
from phonenumbers.phonemetadata import PhoneMetadata

EACH = 3
TRIES = 4000
ABROAD = {True: "447700900123", False: "31201230000"}


def dialled(data, national):
    """A national number as it is dialled: where no trunk prefix is needed, without."""
    return (data.national_prefix or "") + national


def lines(code, dice):
    region = CODES[code][0]
    data = PhoneMetadata.metadata_for_region(region)
    prefix = (data.preferred_international_prefix or data.international_prefix).replace("~", "")
    if not re.fullmatch(r"\d{1,4}", prefix):
        return
    abroad = ABROAD[code != 44]
    yield prefix + abroad, abroad
    lengths = [n for n in set(data.fixed_line.possible_length + data.mobile.possible_length) if n > 0]
    found = 0
    for _ in range(TRIES):
        length = dice.choice(sorted(lengths))
        zeros = "0000" if length > 6 else "00"
        national = "".join(dice.choices("0123456789", k=length - len(zeros))) + zeros
        text = dialled(data, national)
        if found == EACH or not 7 <= len(f"{code}{national}") <= MOST or not country(f"{code}{national}"):
            continue
        # The library must read what is dialled as this very number; it strips what is no trunk prefix to us.
        number = phonenumbers.parse(text, region)
        if (number.country_code == code and phonenumbers.national_significant_number(number) == national
                and not phonenumbers.is_emergency_number(text, region)):
            found += 1
            yield text, f"{code}{national}"
    for short in [*range(10, 1000), 1122]:
        if phonenumbers.is_emergency_number(str(short), region):
            yield str(short), "emergency"


def main():
    dice = random.Random(20261124)
    for code in sorted(CODES):
        if CODES[code][0] != "001":
            for text, meaning in lines(code, dice):
                print(code, text, meaning)


if __name__ == "__main__":
    main()
