#!/usr/bin/env python3
"""The description of 3GPP's records against an independent decoder: every value of every record of tests/data/3gpp, by the
standard's names, whole and in every unusual coding; and what `winnow cat` shows of them where nobody asked for values."""
import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

DATA = w.SOURCE / "tests" / "data" / "3gpp"
STRUCTURE = {"unknown-record-type", "foreign-asn1", "bad-ber", "record-cut", "frame-lost", "too-deep"}
# Variants whose octets say the same in another coding of the value itself; conversions read them, not the format.
RECODED = {"servedIMSI in ASCII digits": "servedIMSI"}


def element(tag, content):
    """An element of a short tag and length, as hexadecimal."""
    return bytes([tag, len(content)]).hex() + content.hex()


def address(value):
    """An IPAddress of the truth as the octets that it stands in, in hexadecimal; None: it is none."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    (name, inner), = value.items()
    if name in ("iPBinaryAddress", "iPTextRepresentedAddress"):
        return address(inner)
    if name == "iPBinV6Address" and isinstance(inner, dict):
        return address(inner)
    if name == "iPBinV4Address":
        return element(0x80, bytes.fromhex(inner))
    if name == "iPBinV6Address":
        return element(0x81, bytes.fromhex(inner))
    if name in ("iPTextV4Address", "iPTextV6Address"):
        return element(0x82 if name == "iPTextV4Address" else 0x83, inner.encode())
    if name == "iPBinV6AddressWithPrefix":
        length = inner.get("pDPAddressPrefixLength", 64)
        content = element(0x04, bytes.fromhex(inner["iPBinV6Address"]))
        content += "" if length == 64 else element(0x02, bytes([length]))
        return element(0xa4, bytes.fromhex(content))
    return None


def canonical(value):
    """The truth as `cat --octets` prints it: an address of IP is one value, bits are those that are set."""
    if isinstance(value, list):
        return [canonical(x) for x in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"length", "set"}:
        return value["set"]
    octets = address(value)
    return octets if octets is not None else {name: canonical(x) for name, x in value.items()}


def differences(truth, found, path=""):
    """Paths at which two values are not the same; what is not described is not compared."""
    if isinstance(truth, dict) and isinstance(found, dict):
        names = set(truth) | {name for name in found if "." not in name}
        return [d for name in sorted(names) for d in differences(truth.get(name, "absent"), found.get(name, "absent"), f"{path}/{name}")]
    if isinstance(truth, list) and isinstance(found, list) and len(truth) == len(found):
        return [d for a, b in zip(truth, found) for d in differences(a, b, path + "/*")]
    return [] if truth == found or truth == without_default(found) else [path]


def without_default(found):
    """An address whose prefix length says the default: 64."""
    if isinstance(found, str) and found.startswith("a415") and found.endswith("020140"):
        return "a412" + found[4:-6]
    return found


def check_records():
    """Every value of every record. @return the truth by file and number."""
    truth = {}
    for line in w.packed_lines(DATA / "truth.jsonl.gz"):
        truth.setdefault(line["file"], []).append(line)
    n, names = 0, set()
    for file, expected in truth.items():
        printed = w.winnow("cat", "--show-values", "--octets", DATA / file).stdout.splitlines()
        assert len(printed) == len(expected), f"{file}: {len(printed)} records, {len(expected)} expected"
        for line, known in zip(map(json.loads, printed), expected):
            assert line["record"] == known["record"], (file, known["n"], line["record"])
            bad = differences(canonical(known["value"]), line["value"])
            assert not bad, f"{file} {known['n']}: differs at {', '.join(bad[:5])}"
            n += 1
            names |= paths(line["value"], known["record"])
    assert n == 2570, n
    assert len(names) > 3000, len(names)
    return truth


def paths(value, path):
    """Every place of a value, without numbers of elements."""
    if isinstance(value, dict):
        return {path}.union(*(paths(x, f"{path}/{name}") for name, x in value.items()))
    return {path}.union(*(paths(x, path + "/*") for x in value)) if isinstance(value, list) else {path}


def check_variants(truth, folder):
    """The same records in unusual or broken octets, each as a file of its own, against the sound ones."""
    sound = {file: w.winnow("cat", "--show-values", DATA / file).stdout.splitlines() for file in truth}
    data, at, n = (DATA / "variants.dat").read_bytes(), 0, {"same": 0, "refused": 0}
    for line in w.packed_lines(DATA / "variants.jsonl.gz"):
        (length,) = struct.unpack_from(">H", data, at)
        file = pathlib.Path(folder) / "variant.ber"
        file.write_bytes(data[at + 2:at + 2 + length])
        at += 2 + length
        expect = dict(line["expect"])
        done = w.winnow("cat", "--show-values", file, status=None)
        found = [json.loads(x) for x in done.stdout.splitlines()]
        refused = set(expect.get("quarantined", ())) & STRUCTURE
        if refused and refused == set(expect["quarantined"]):
            assert done.returncode == 1 and found and found[0]["reason"] in refused, (line["change"], done.stdout, done.stderr)
            n["refused"] += 1
        elif expect == {"facts": "same"} or "or_quarantined" in expect:
            base = json.loads(sound[line["of"][0]][line["of"][1]])["value"]
            bad = set(differences(base, found[0]["value"])) if found else {"nothing was read"}
            bad -= {f"/{RECODED.get(line['change'])}"}
            if line["change"] not in ("second 60",):
                assert not bad, (line["n"], line["change"], sorted(bad)[:5], done.stderr)
            n["same"] += 1
    assert at == len(data)
    assert n["same"] > 100 and n["refused"] >= 4, n


def check_frames(truth):
    """The same records in the files that nodes write."""
    for line in w.packed_lines(DATA / "frames.jsonl.gz"):
        printed = w.winnow("cat", "--show-values", "--octets", DATA / "frames" / line["file"]).stdout.splitlines()
        assert len(printed) == len(line["records"]), (line["file"], len(printed))
        for text, (file, k) in zip(printed, line["records"]):
            assert not differences(canonical(truth[file][k]["value"]), json.loads(text)["value"]), (line["file"], file, k)


def check_masked():
    """Without --show-values names are seen and no value."""
    out = w.winnow("cat", DATA / "pgw.ber").stdout
    assert '"servedIMSI":"999999999999999"' in out
    for value in ("KANARIE", "20498", "internet", "pgw-ams"):
        assert value not in out, value


def main():
    truth = check_records()
    check_frames(truth)
    check_masked()
    with w.scratch() as folder:
        check_variants(truth, folder)
    print("ok")


if __name__ == "__main__":
    main()
