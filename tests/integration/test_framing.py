#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of BER in their framings through `winnow sift`: what a file says of itself stands in the receipt, what is odd is
counted, and what is lost is one sealed piece."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

SOURCE = """format: ber
framing: FRAMING
type: session
affinity: none
clock: {zone: Europe/Amsterdam}
node: {from: /nodeID, or: unknown}
fields:
  - {field: service, value: data}
  - {field: start, from: /recordOpeningTime, as: timestamp}
  - {field: duration, from: /duration, as: s}
subscriber:
  - {kind: imsi, from: /servedIMSI}
duplicate_key: [/chargingID, /servedIMSI]
session_key: []
declared:
  - {total: records, from: /file/count, as: int, found: records, required: false}
  - {total: length, from: /file/length, as: octets, found: octets, required: false}
  - {total: lost, from: /file/lost, as: int, found: none, required: false}
  - {total: abnormal, from: /file/abnormal, as: int, found: none, required: false}
gaps: {files: {number: /file/sequence, node: /file/node}}
"""
NOTHING = {"absent": 0, "declared": 0, "found": 0, "inputs": 0, "missing": 0, "surplus": 0}


def element(tag, content):
    assert len(content) < 128
    return bytes.fromhex(tag) + bytes([len(content)]) + content


def record(number):
    """A PGW-CDR of a made-up subscriber."""
    return element("bf4f", element("80", b"\x55") + element("83", bytes.fromhex("02940800000000") + bytes([0xf0 | number % 10]))
                   + element("85", struct.pack(">I", number)) + element("8d", bytes.fromhex("2610242100052b0200"))
                   + element("8e", b"\x3c") + element("8f", b"\x00"))


def ts32297(records, count=None, length=None, sequence=1, lost=0, closed=0):
    body = b"".join(struct.pack(">HBB", len(r), 0xc1, 1 << 5 | 7) + r for r in records)
    tail = struct.pack(">BBIIIIB", 0xc1, 0xc1, 0xac800880, 0xac83bb40, len(records) if count is None else count, sequence, closed)
    tail += b"\xff" * 4 + bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 10]) + bytes([lost]) + bytes(2)
    return struct.pack(">II", 50 + len(body) if length is None else length, 50) + tail + body


class Place:
    """A folder with keys and a policy that has the source."""

    def __init__(self, folder, framing="auto"):
        self.folder = pathlib.Path(folder)
        self.keys = w.make_keys(folder)
        self.policy = w.make_policy(self.folder / "schemas")
        (self.policy / "sources/framed.yaml").write_text(SOURCE.replace("FRAMING", framing))
        self.out = self.folder / "out"
        self.n = 0

    def sift(self, *contents):
        """Sift files, all in one batch. @return its receipt."""
        names = []
        for content in contents:
            self.n += 1
            names.append(self.folder / f"f{self.n:04}.dat")
            names[-1].write_bytes(content)
        w.sift(self.out, "framed", names, self.keys, policy=self.policy)
        return w.receipts(self.out)[-1]


def total(declared, found, inputs=1):
    return {"absent": 0, "declared": declared, "found": found, "inputs": inputs, "missing": max(declared - found, 0), "surplus": max(found - declared, 0)}


def a_file_says_what_is_in_it():
    with w.scratch() as folder:
        content = ts32297([record(n) for n in range(3)])
        receipt = Place(folder).sift(content)
        assert (receipt["in"], receipt["passed"]) == (3, 3), receipt
        assert receipt["declared"] == {"records": total(3, 3), "length": total(len(content), len(content)), "lost": total(0, 0), "abnormal": total(0, 0)}, receipt
        assert not any(name.startswith("frame") for name in receipt["drift"]), receipt["drift"]


def a_file_says_what_is_missing():
    with w.scratch() as folder:
        place = Place(folder)
        content = ts32297([record(n) for n in range(3)], count=8, length=4000, lost=0x85, closed=131)
        receipt = place.sift(content)
        assert receipt["passed"] == 3, receipt
        assert receipt["declared"] == {"records": total(8, 3), "length": total(4000, len(content)), "lost": total(5, 0), "abnormal": total(1, 0)}, receipt
        notes = w.winnow("audit", place.out, "--public-key", place.keys / "signing.pub").stdout
        assert "lost: declared 5, found 0, missing 5" in notes and "abnormal: declared 1" in notes, notes


def files_are_missing():
    with w.scratch() as folder:
        place = Place(folder)
        receipt = place.sift(*(ts32297([record(n)], sequence=n) for n in (4294967294, 4294967295, 0, 3)), ts32297([record(7)], sequence=5))
        assert receipt["passed"] == 5, receipt
        [node] = receipt["nodes"]
        assert node["node"].startswith("files-") and (node["first"], node["last"], node["missing"], node["records"]) == (4294967294, 5, [[1, 2], [4, 4]], 5), node


def what_is_odd_is_counted():
    with w.scratch() as folder:
        head, one, two = ts32297([]), record(1), record(2)
        content = (head + struct.pack(">HBB", len(one) + 4, 0xc1, 0x27) + one + struct.pack(">HBB", 0, 0xc1, 0x27)
                   + struct.pack(">HBB", len(two) + 3, 0xc1, 0x27) + two + b"\x01\x02\x03")
        receipt = Place(folder).sift(content)
        assert receipt["passed"] == 2, receipt
        assert {n: c for n, c in receipt["drift"].items() if n.startswith("frame")} == {"frame-empty": 1, "frame-excess": 1, "frame-length": 1}, receipt["drift"]


def what_is_lost_is_one_piece():
    with w.scratch() as folder:
        place = Place(folder)
        good = ts32297([record(1), record(2)], count=4)
        receipt = place.sift(good + b"\x12\x34\x56\xf8" + record(3) + record(4), b"neither of them", b"\x61\x03\x64\x01\x00", ts32297([record(5)])[:-1])
        assert receipt["passed"] == 2, receipt
        assert receipt["quarantined"] == {"frame-lost": 1, "record-cut": 1, "tap-file": 1, "unknown-framing": 1}, receipt
        origins = {e["reason"]: e["origin"]["offset"] for e in w.cat(*sorted(place.out.glob("quarantine/*.avro")))}
        assert origins == {"frame-lost": len(good), "record-cut": 50, "tap-file": 0, "unknown-framing": 0}, origins


def a_framing_is_named():
    with w.scratch() as folder:
        receipt = Place(folder, "prefixed").sift(b"".join(struct.pack(">H", len(r)) + r for r in (record(1), record(2))) + bytes(40))
        assert (receipt["in"], receipt["passed"]) == (2, 2), receipt
        assert receipt["declared"] == dict.fromkeys(("records", "length", "lost", "abnormal"), NOTHING), receipt["declared"]
    with w.scratch() as folder:
        receipt = Place(folder, "guard24").sift(b"short")
        assert receipt["quarantined"] == {"unknown-framing": 1}, receipt


def every_framing_by_the_shipped_sources():
    """The files of tests/data/3gpp/frames, all of a source in one batch: what they hold, declare and lack."""
    data = w.SOURCE / "tests/data/3gpp"
    truths = w.packed_lines(data / "frames.jsonl.gz")
    expected = {"3gpp-ps": (5, 7, 1, [(11, 19, [[17, 18]], 7)]), "3gpp-cs": (0, 0, 0, [(4294967295, 0, [], 2)]), "3gpp-chf": (0, 0, 0, [(1, 2, [], 2)])}
    with w.scratch() as folder:
        config = pathlib.Path(folder) / "winnow.yaml"
        config.write_text('site: {country: 31, home: ["204-98"], zone: Europe/Amsterdam, test: {imsi: ["001-01"], numbers: []}}\nlimits: {lateness: 3650d}\n')
        keys = w.make_keys(folder)
        for source, (missing, lost, abnormal, runs) in expected.items():
            out = pathlib.Path(folder) / source
            mine = [t for t in truths if t["source"] == source]
            w.sift(out, source, [data / "frames" / t["file"] for t in mine], keys, config=config)
            [receipt] = w.receipts(out)
            assert receipt["in"] == sum(len(t["records"]) for t in mine), (source, receipt["in"])
            assert set(receipt["quarantined"]) <= {"missing-subscriber", "duplicate-conflict"}, (source, receipt["quarantined"])
            said = receipt["declared"]
            assert {n: (t["missing"], t["surplus"], t["absent"]) for n, t in said.items()} == {
                "records": (missing, 0, 0), "length": (0, 0, 0), "lost": (lost, 0, 0), "abnormal": (abnormal, 0, 0)}, (source, said)
            files = [(n["first"], n["last"], n["missing"], n["records"]) for n in receipt["nodes"] if n["node"] == "files-192.0.2.10"]
            assert files == runs, (source, files)


if __name__ == "__main__":
    sys.exit(w.main([
        a_file_says_what_is_in_it, a_file_says_what_is_missing, files_are_missing, what_is_odd_is_counted, what_is_lost_is_one_piece,
        a_framing_is_named, every_framing_by_the_shipped_sources]))
