"""Records of 3GPP in BER, in a production mix: the corpus of tests/data/3gpp over and over, each time in another order and
with other subscribers, charging ids, call references and running numbers. The same octets for the same arguments.

    ber_mix.py SET RECORDS >FILE        SET: ps, cs or chf
"""
import pathlib
import random
import re
import sys

CORPUS = pathlib.Path(__file__).resolve().parents[1] / "tests/data/3gpp"
PS = {"imsi": 3, "id": 5, "node": 18, "number": 20}
SETS = {  # set: {file of the corpus: tags of what is changed}
    "ps": {"pgw": PS, "sgw": PS, "ggsn": PS, "eggsn": PS, "epdg": PS, "twag": PS,
           "sgsn": {"imsi": 3, "id": 10, "node": 22, "number": 24}},
    "cs": {"mo-call": {"imsi": 1, "reference": 32}, "mt-call": {"imsi": 1, "reference": 29},
           "roaming": {"imsi": 1, "reference": 19}, "gateway-in": {"reference": 13}, "gateway-out": {"reference": 13},
           "transit": {"reference": 14}, "mo-sms": {"imsi": 1}, "mt-sms": {"imsi": 2}},
    "chf": {"chf": {"subscription": 2, "session": 16, "node": 1, "number": 11}},
}
DIGITS = 10 ** 6  # Of an IMSI, those behind network and class; the last one stays.


def element(data, at):
    """@return (its tag's number, its tag's octets, its content, where the next begins). Definite lengths only."""
    begin = at
    number = data[at] & 0x1F
    at += 1
    if number == 0x1F:
        number = 0
        while True:
            number = number << 7 | data[at] & 0x7F
            at += 1
            if not data[at - 1] & 0x80:
                break
    tag = data[begin:at]
    length = data[at]
    at += 1
    assert length != 0x80, "the corpus has definite lengths"
    if length > 0x80:
        octets = length & 0x7F
        length = int.from_bytes(data[at:at + octets], "big")
        at += octets
    return number, tag, data[at:at + length], at + length


def elements(data):
    at = 0
    while at < len(data):
        number, tag, content, at = element(data, at)
        yield number, tag, content


def encoded(tag, content):
    size = len(content)
    if size < 0x80:
        return tag + bytes([size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(octets)]) + octets + content


def integer(value):
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def moved(digits, copy):
    """Six digits that are others in each copy: 7919 has no factor in common with 10^6."""
    return f"{(int(digits) + copy * 7919) % DIGITS:06d}"


def imsi(content, copy):
    """Two digits an octet, the first below; `f` behind an odd number of them."""
    digits = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in content).rstrip("f")
    if len(digits) < 14 or not digits.isdigit():
        return content
    digits = digits[:-7] + moved(digits[-7:-1], copy) + digits[-1]
    digits += "f" * (2 * len(content) - len(digits))
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def subscription(content, copy):
    """SubscriptionID: its identity [1] is text, also `imsi-…` and `…@…`."""
    def change(match):
        return match[1] + moved(match[2].decode(), copy).encode() + match[3]
    return b"".join(encoded(tag, re.sub(rb"(\d{7,8})(\d{6})(\d)", change, inner, count=1) if number == 1 else inner)
                    for number, tag, inner in elements(content))


def changed(record, tags, copy, numbers):
    """@return the record as the copy-th pass over the corpus writes it."""
    _, outer, content, _ = element(record, 0)
    fields = list(elements(content))
    node = next((value for number, _, value in fields if number == tags.get("node")), b"")
    made = []
    for number, tag, value in fields:
        if number == tags.get("imsi"):
            value = imsi(value, copy)
        elif number == tags.get("subscription"):
            value = subscription(value, copy)
        elif number == tags.get("id"):
            value = integer((int.from_bytes(value, "big") + copy) % (1 << 32))
        elif number == tags.get("reference"):
            value = ((int.from_bytes(value, "big") + copy) % (1 << 8 * len(value))).to_bytes(len(value), "big")
        elif number == tags.get("session"):
            value = value[:-4] + b"%04x" % (copy % 65536)
        elif number == tags.get("number"):
            numbers[node] = numbers.get(node, 0) + 1
            value = integer(numbers[node])
        made.append(encoded(tag, value))
    return encoded(outer, b"".join(made))


def write(out, name, count):
    """@return octets written."""
    corpus = []
    for file, tags in SETS[name].items():
        data = (CORPUS / f"{file}.ber").read_bytes()
        at = 0
        while at < len(data):
            begin = at
            at = element(data, at)[3]
            corpus.append((data[begin:at], tags))
    order = random.Random(7)
    numbers = {}
    octets = 0
    for i in range(count):
        copy, at = divmod(i, len(corpus))
        if at == 0:
            order.shuffle(corpus)
        octets += out.write(changed(*corpus[at], copy, numbers))
    return octets


if __name__ == "__main__":
    write(sys.stdout.buffer, sys.argv[1], int(sys.argv[2]))
