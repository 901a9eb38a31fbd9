#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pseudonym vectors by a second implementation: Python's hmac and hashlib only.

Writes vectors.txt, which test_vectors.c reads:

    ROOT PURPOSE KIND PERIOD CANONICAL KCV PSEUDONYM      (octets in hexadecimal; - is none)

Run it after a change of the construction, which must then be a new version of it (ADR 5):

    tests/unit/keys/make_vectors.py > tests/unit/keys/vectors.txt
"""
import hashlib
import hmac
import struct


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def derive(root, purpose, kind, period):
    info = b"\0".join([b"winnow/pseudonym/v1", b"main", purpose.encode(), kind.encode()])
    info += b"\0" + struct.pack(">I", period)
    return mac(root, info + b"\1")  # HKDF-Expand of one block.


def row(root, purpose, kind, period, canonical):
    kcv = mac(derive(root, purpose, "kcv", period), b"winnow/kcv/v1")[:8]
    pseudonym = mac(derive(root, purpose, kind, period), canonical)[:16]
    print(root.hex(), purpose, kind, period, canonical.hex() or "-", kcv.hex(), pseudonym.hex())


def roots():
    number = 0
    while True:
        yield hashlib.sha256(b"vector %d" % number).digest()
        number += 1


VALUES = {
    "imsi": [b"001010000000001", b"00101000000001", b"999700000000042"],
    "imei": [b"49015420323751"],
    "nai": ["alice@realm.example".encode(), "jos\u00e9@realm.example".encode(), b"bob"],
    "number": [b"447700900123", b"31600000001", b"short:1200"],
    "email": [b"carol@mail.example"],
    "mac": [bytes.fromhex("0200000000ff")],
    "account": ["klant 42".encode()],
    "id": [b"\x00\x01\x02\xff", b""],
}

root = roots()
for kind, values in VALUES.items():
    for value in values:
        for purpose, period in (("billing", 0), ("insight", 202611), ("insight", 202612)):
            row(next(root), purpose, kind, period, value)

# One root: another purpose, kind or period is another pseudonym.
one = next(root)
for purpose in ("billing", "insight"):
    for kind in ("imsi", "nai", "account"):
        for period in (0, 202601, 202602):
            row(one, purpose, kind, period, b"001010000000001")

# What is hashed of a record itself, also longer than a block.
for kind in ("key", "session", "content", "file", "order"):
    for length in (0, 55, 56, 64, 119, 1000):
        row(next(root), "record", kind, 0, bytes(i % 251 for i in range(length)))

for edge in (bytes(32), b"\xff" * 32):
    row(edge, "a", "imsi", 0, b"1")
    row(edge, "a-purpose-with-thirty1_letters_", "imsi", 999912, b"1")
