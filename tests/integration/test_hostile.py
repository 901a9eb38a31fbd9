#!/usr/bin/env python3
"""Hostile records, source by source: a good record cut at each octet, with octets changed to NUL and to what is no UTF-8, with doubled names, numbers out of
range, and values nested too deep. Whatever becomes of one, it is counted once, as passed or with a reason; and the good record behind it, of which
there is no other in the file, is unharmed.

A source is a row of SOURCES: a function that makes its n-th good record, what ends a record, the type of its usage records, more that is done to it, and
what the file begins with."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

GOLDEN = w.SOURCE / "tests" / "golden"
CONFIG = 'site: {country: 44, home: ["204-98"], zone: Europe/Amsterdam}\nlimits: {poison: {share: 100%}}\n'
OUT_OF_RANGE = ("-1", "4294967296", "18446744073709551616", "1e3", "0x10", "9" * 400, "1.5.2", "NaN", "")
DEEP = 70


def json_line(value):
    return json.dumps(value).encode() + b"\n"


def radius_simple(n):
    return {"Acct-Status-Type": "Stop", "Acct-Session-Id": f"s{n}", "NAS-IP-Address": "172.20.1.1", "User-Name": "eva@glas.example", "Acct-Session-Time": 600,
            "Acct-Input-Octets": 1000, "Acct-Input-Gigawords": 1, "Acct-Output-Octets": 2000, "Event-Timestamp": "Oct 24 2026 22:15:00 CEST",
            "Class": ["0x01", "0x02"], "NAS-Port-Type": "Ethernet", "Acct-Terminate-Cause": "User-Request"}


def radius_object(n):
    return json_line({k: {"type": "string", "value": v} for k, v in radius_simple(n).items()})


def radius_array(n):
    return json_line([{"name": k, "type": "string", "value": v} for k, v in radius_simple(n).items() if k != "Class"])


def radius_detail(n):
    fields = {k: v if isinstance(v, int) or k in ("Acct-Status-Type", "NAS-Port-Type", "NAS-IP-Address", "Acct-Terminate-Cause") else f'"{v}"'
              for k, v in radius_simple(n).items() if k != "Class"}
    return ("Sat Oct 24 22:15:00 2026\n" + "".join(f"\t{k} = {v}\n" for k, v in fields.items()) + "\tTimestamp = 1792872900\n\n").encode()


def freeswitch(n):
    return json_line({"switchname": "fs-1", "variables": {"uuid": f"leg-{n}", "direction": "inbound", "answer_uepoch": "1792850410000000",
                                                         "end_uepoch": "1792850470000000", "billusec": "60000000", "hangup_cause": "NORMAL_CLEARING"},
                      "callflow": [{"caller_profile": {"context": "default", "caller_id_number": "31600450101", "destination_number": "447700900811"}}]})


def kamailio(n):
    call = f"c{n}@sip.example"
    return f"1792890000|1792890060|60.421000|{call}|31600450101||447700900811|phone|192.0.2.10|Phone/1|31600450101|447700900811|0|{call}\n".encode()


def asterisk(n):
    """The first of the golden calls, with an id of its own."""
    return (GOLDEN / "asterisk-csv" / "calls.raw").read_bytes().splitlines(keepends=True)[0].replace(b"492.101", b"492.%d" % (1000 + n))


def cucm(n):
    """The first of the golden calls, with ids of its own."""
    line = (GOLDEN / "cucm-csv" / "release-12.raw").read_bytes().splitlines(keepends=True)[2]
    return line.replace(b"-000000000001", b"-%012d" % (1 + n)).replace(b",121001,", b",%d," % (900000 + n))


def cucm_header():
    return b"".join((GOLDEN / "cucm-csv" / "release-12.raw").read_bytes().splitlines(keepends=True)[:2])


def numbers(good, *names):
    """The record with numbers out of range, in JSON as texts and as they stand."""
    for name in names:
        for bad in OUT_OF_RANGE:
            yield json_line(good | {name: bad})
            yield json.dumps(good | {name: 0}).replace(f'"{name}": 0', f'"{name}": {bad or "-"}').encode() + b"\n"


def radius_more():
    good = radius_simple(0)
    yield from numbers(good, "Acct-Session-Time", "Acct-Input-Octets", "Acct-Input-Gigawords", "Event-Timestamp")
    text = json.dumps(good)
    yield text.replace("{", '{"User-Name": "jan@glas.example", ', 1).encode() + b"\n"
    yield text.replace('"eva@glas.example"', '"eva\\u0000@glas.example"').encode() + b"\n"
    yield text.replace('"eva@glas.example"', "[" * DEEP + "1" + "]" * DEEP).encode() + b"\n"
    yield text.replace('"eva@glas.example"', '{"value":' * DEEP + "1" + "}" * DEEP).encode() + b"\n"
    yield json_line(good | {"x": [[[{"y": "z" * 70000}]]]})
    yield json_line(good | {f"a{i}": i for i in range(5000)})
    yield from (json_line(x) for x in ([], [[]], [{}], [{"name": "User-Name"}], [{"name": {}, "value": 1}], {}, {"User-Name": {}}, {"User-Name": {"value": {}}}))


def kamailio_more():
    row = kamailio(0).decode().rstrip("\n").split("|")
    for column in range(3):
        for bad in OUT_OF_RANGE:
            yield ("|".join(row[:column] + [bad] + row[column + 1:]) + "\n").encode()
    yield ("|".join(row + ["more"]) + "\n").encode()
    yield ("|".join(row[:10] + ["+" * 70000] + row[11:]) + "\n").encode()


def carrier(n):
    return (GOLDEN / "carrier-csv" / "october.raw").read_bytes().splitlines(keepends=True)[2].replace(b"c-01", b"c-%d" % (1000 + n))


def carrier_more():
    """Prices, lengths and times out of range, and marks of lines that are no records where one is due."""
    row = carrier(0).decode().rstrip("\r\n").split(";")
    for column in (9, 10, 11, 12, 15, 16):
        for bad in (*OUT_OF_RANGE, "," + "9" * 400, "-" * 70000, "0" * 70000):
            yield (";".join(row[:column] + [bad] + row[column + 1:]) + "\n").encode()
    yield b";" * 70000 + b"\n"


def mvne(n):
    return (GOLDEN / "mvne-csv" / "october.raw").read_bytes().splitlines(keepends=True)[2].replace(b"a1", b"a%d" % (1000 + n))


def mvne_header():
    return b"".join((GOLDEN / "mvne-csv" / "october.raw").read_bytes().splitlines(keepends=True)[:2])


def message(n):
    return json_line({"function": "chf-1", "id": f"m{n}", "imsi": "204980000000001", "message": {"at": 1792850410, "way": "sent", "to": "+447700900811"}})


def message_more():
    """Types that lack what they are told by, or that are two at once; what tells them is of another kind."""
    good = json.loads(message(0))
    for other in ({}, [], None, 1, "x", {"units": [[]]}, {"units": [{}] * 2000}, {"units": {}}):
        yield json_line(good | {"pdu": other})
        yield json_line(good | {"call": other})
        yield json_line(good | {"message": other})
    yield json_line({k: v for k, v in good.items() if k != "message"})
    yield json.dumps(good).replace("{", '{"message": {"at": 1}, ', 1).encode() + b"\n"


def nothing():
    return ()


SOURCES = {
    "freeradius-json, object": ("freeradius-json", radius_object, b"\n", "session", radius_more),
    "freeradius-json, object_simple": ("freeradius-json", lambda n: json_line(radius_simple(n)), b"\n", "session", radius_more),
    "freeradius-json, array": ("freeradius-json", radius_array, b"\n", "session", nothing),
    "freeradius-rest": ("freeradius-rest", radius_object, b"\n", "session", radius_more),
    "freeradius-detail": ("freeradius-detail", radius_detail, b"\n\n", "session", nothing),
    "freeswitch-json": ("freeswitch-json", freeswitch, b"\n", "call", nothing),
    "kamailio-flatstore": ("kamailio-flatstore", kamailio, b"\n", "call", kamailio_more),
    "asterisk-csv": ("asterisk-csv", asterisk, b"\n", "call", nothing),
    "carrier-csv": ("carrier-csv", carrier, b"\n", "call", carrier_more),
    "mvne-csv": ("mvne-csv", mvne, b"\n", "call", nothing, mvne_header),
    "types-json": ("types-json", message, b"\n", "call", message_more),
    "cucm-csv": ("cucm-csv", cucm, b"\n", "call", nothing, cucm_header),
}


def variants(good, end, more):
    """All that is done to a good record; each is followed by what ends a record."""
    for at in range(1, len(good)):
        yield good[:at] + end
    for at in range(0, len(good) - len(end), 3):
        for octet in (b"\0", b"\xff", b"\xc3"):
            yield good[:at] + octet + good[at + 1:]
    yield from more()


def check(what, folder, keys, config, policy):
    source, record, end, kind, more, *header = SOURCES[what]
    data, wanted = bytearray(header[0]() if header else b""), []
    for n, variant in enumerate(variants(record(0), end, more), 1):
        data += variant
        wanted.append(len(data))
        data += record(n)
    path = folder / f"{what.replace(', ', '-')}.raw"
    path.write_bytes(data)
    out = folder / f"out-{path.stem}"
    summary = w.sift(out, source, [path], keys, config=config, policy=policy)
    passed = {r["origin"]["offset"] for r in w.usage(out, "billing", kind)}
    found = []
    harmed = [at for at in wanted if at not in passed]
    if harmed:
        found.append(f"{what}: {len(harmed)} of {len(wanted)} good records did not come out behind a hostile one, the first at octet {harmed[0]} of its file")
    refused = sum(summary["quarantined"].values())
    if summary["in"] != summary["passed"] + summary["duplicates"] + summary["superseded"] + sum(summary["filtered"].values()) + refused:
        found.append(f"{what}: the counts do not add up")
    if summary["in"] < len(wanted) * 2 - len(end) - 2 or refused < len(wanted) / 4:
        found.append(f"{what}: {summary['in']} records in, {refused} refused, of {len(wanted)} hostile ones: they were not looked at")
    return found


def main():
    found = []
    with w.scratch() as folder:
        folder = pathlib.Path(folder)
        keys = w.make_keys(folder)
        config = folder / "winnow.yaml"
        config.write_text(CONFIG)
        policy = w.make_policy(folder / "policy")
        for what in SOURCES:
            found += check(what, folder, keys, config, policy)
    print("\n".join(found) or "ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
