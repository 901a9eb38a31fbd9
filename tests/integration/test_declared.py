#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Declared totals in files: what trailers say against what is found, in the report, the log, the receipt and the audit."""
import gzip
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as w  # noqa: E402

COLUMNS = {"mark": "D", "call_id": "", "product": "VOICE", "direction": "O", "customer": "K-1", "a_number": "31620000001", "a_withheld": "0",
           "b_number": "447700900123", "forwarded_by": "", "date": "24-10-2026", "time": "20:00:00", "duration": "60", "billed_seconds": "60",
           "result": "ANSWERED", "route": "GW-1", "currency": "EUR", "charge": "0,25", "remark": ""}


def rows(first, n, **change):
    return [";".join((COLUMNS | {"call_id": f"c-{first + i}"} | change).values()) for i in range(n)]


def trailer(records, seconds, charge):
    return [f"T;{records};{seconds};{charge}"]


def whole(first, n):
    return ["H;1"] + rows(first, n) + trailer(n, 60 * n, f"{25 * n // 100},{25 * n % 100:02d}")


def run(folder, files, batch="256MiB", source="carrier-csv"):
    """@return (summary, standard error, receipts, notes of the audit)."""
    folder = pathlib.Path(folder)
    names = []
    for i, lines in enumerate(files):
        names.append(folder / f"31620000001-{i}.csv")  # A name that could be somebody's.
        names[-1].write_text("".join(line + "\n" for line in lines))
    config = folder / "winnow.yaml"
    config.write_text((w.SAMPLES / "winnow.yaml").read_text() + f"files: {{batch: {batch}}}\n")
    keys = folder / "keys" if (folder / "keys").exists() else w.make_keys(folder)
    args = ["--config", config, "--policy", w.SOURCE / "schemas", "--keys", keys, "--source", source, "--out", folder / "out"]
    done = w.winnow("sift", *args, "--json", *names)
    audit = w.winnow("audit", folder / "out", "--public-key", keys / "signing.pub", "--json")  # A difference is no finding.
    said = json.loads(audit.stdout)
    assert said["findings"] == [] and said["summary"].endswith("no findings"), said
    plain = w.winnow("audit", folder / "out", "--public-key", keys / "signing.pub").stdout
    assert plain.count("note: ") == len(said["notes"]), plain
    for text in (done.stdout, done.stderr, audit.stdout):
        assert "31620000001" not in text, "a file's name, or a number"
    return json.loads(done.stdout), done.stderr, w.receipts(folder / "out"), said["notes"]


def totals(declared, found, inputs, missing=0, surplus=0, absent=0):
    return {"absent": absent, "declared": declared, "found": found, "inputs": inputs, "missing": missing, "surplus": surplus}


def what_agrees_is_counted_and_not_said():
    with w.scratch() as folder:
        summary, log, receipts, notes = run(folder, [whole(0, 4), whole(10, 8)])
        assert summary["totals-differ"] == 0 and summary["totals-differ-first-argument"] == 0 and log == "" and notes == []
        assert receipts[0]["declared"] == summary["declared"] == {
            "amount": totals(3000000, 3000000, 2), "duration": totals(720000, 720000, 2), "records": totals(12, 12, 2)}, receipts[0]["declared"]


def whatever_became_of_the_records():
    """Filtered, quarantined, doubled: they were found."""
    lines = ["H;1"] + rows(0, 2) + rows(0, 1) + rows(5, 1, result="BUSY", duration="0", charge="0") + rows(6, 1, charge="0,5", date="32-10-2026") + trailer(5, 240, "1,25")
    with w.scratch() as folder:
        summary, log, receipts, notes = run(folder, [lines])
        assert (summary["in"], summary["passed"], summary["duplicates"]) == (5, 2, 1), summary
        assert receipts[0]["filtered"] == {"attempt": 1} and receipts[0]["quarantined"] == {"bad-time": 1}
        assert receipts[0]["declared"]["records"] == totals(5, 5, 1) and receipts[0]["declared"]["amount"] == totals(1250000, 1250000, 1)
        assert log == "" and notes == []


def differences_of_files_do_not_cancel():
    lacks = ["H;1"] + rows(0, 3) + trailer(4, 240, "1")
    too_many = ["H;1"] + rows(10, 5) + trailer(4, 240, "1")
    with w.scratch() as folder:
        summary, log, receipts, notes = run(folder, [whole(20, 4), lacks, too_many])
        assert receipts[0]["declared"]["records"] == totals(12, 12, 3, missing=1, surplus=1), receipts[0]["declared"]
        assert receipts[0]["declared"]["amount"] == totals(3000000, 3000000, 3, missing=250000, surplus=250000)
        assert summary["totals-differ"] == 2 and summary["totals-differ-first-argument"] == 2, summary
        assert summary["passed"] == 12, "the records go their way all the same"
        assert log.count("event=totals-differ") == 3 and "total=records declared=12 found=12 missing=1 surplus=1 absent=0" in log, log
        assert len(notes) == 3 and notes[0].endswith("receipt 1: totals-differ: amount: declared 3000000, found 3000000, missing 250000, surplus 250000"), notes


def a_file_that_was_cut_is_said_to_be():
    with w.scratch() as folder:
        summary, log, receipts, notes = run(folder, [whole(0, 4), whole(10, 4)[:-1]])
        assert receipts[0]["declared"]["records"] == totals(4, 4, 1, absent=1)
        assert summary["totals-differ"] == 1 and summary["totals-differ-first-argument"] == 2
        assert "absent=1" in log and notes[-1].endswith("records: absent or unreadable in 1 input"), (log, notes)
        text = w.winnow("sift", "--config", pathlib.Path(folder) / "winnow.yaml", "--policy", w.SOURCE / "schemas", "--keys", pathlib.Path(folder) / "keys", "--source", "carrier-csv",
                        "--out", pathlib.Path(folder) / "again", *(pathlib.Path(folder) / f"31620000001-{i}.csv" for i in (1, 0))).stdout
        assert text.startswith("totals-differ: 1 input does not hold what it declares; the first is argument 1\n"
                               "  records: absent or unreadable in 1 input\n"), text


def each_batch_has_its_own():
    with w.scratch() as folder:
        summary, log, receipts, notes = run(folder, [whole(0, 4), ["H;1"] + rows(10, 1) + trailer(2, 60, "0,25")], batch=1)
        assert [r["declared"]["records"]["missing"] for r in receipts] == [0, 1] and len(notes) == 1, receipts
        assert summary["declared"]["records"] == totals(6, 5, 2, missing=1), summary


def a_compressed_file_and_one_of_many_chunks():

    lines = whole(0, 20000)
    with w.scratch() as folder:
        path = pathlib.Path(folder) / "big.gz"
        path.write_bytes(gzip.compress("".join(line + "\r\n" for line in lines).encode()))
        keys = w.make_keys(folder)
        summary = w.sift(pathlib.Path(folder) / "out", "carrier-csv", [path], keys)
        assert summary["declared"]["records"] == totals(20000, 20000, 1) and summary["totals-differ"] == 0, summary["declared"]


TESTS = [what_agrees_is_counted_and_not_said, whatever_became_of_the_records, differences_of_files_do_not_cancel, a_file_that_was_cut_is_said_to_be,
         each_batch_has_its_own, a_compressed_file_and_one_of_many_chunks]

if __name__ == "__main__":
    sys.exit(w.main(TESTS))
