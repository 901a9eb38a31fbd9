#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Declared totals in topics: a message is a small valid file. Receipts hold the sums, also through a restart, and the log and the
audit say a difference without calling the receipt untrue."""
import datetime
import json
import struct
import sys
import zoneinfo

import kafka
from kafka import Site, await_true
from test_declared import rows, totals, trailer

import winnow as W

TODAY = datetime.datetime.fromtimestamp(kafka.NOW - 3600, zoneinfo.ZoneInfo("Europe/Amsterdam")).strftime("%d-%m-%Y")


def message(first, n, declared=None):
    lines = ["H;1"] + rows(first, n, date=TODAY, time="00:00:00") + (trailer(declared, 60 * declared, f"{declared * 25 // 100},{declared * 25 % 100:02d}") if declared is not None else [])
    return "".join(line + "\r\n" for line in lines).encode()


def put(site, *messages):
    site.tool("pack", site.topic, 0, stdin=b"".join(struct.pack(">I", len(m)) + m for m in messages))


def audit(site):
    done = W.winnow("audit", "--config", site.config, "--public-key", site.keys / "signing.pub", "--json")
    said = json.loads(done.stdout)
    assert said["findings"] == [], said
    return [n for n in said["notes"] if f" of {site.topic}[0]: totals-differ" in n]


def receipts_hold_the_sums_of_messages():
    site = Site(source="carrier-csv")
    put(site, message(0, 3, 3), message(10, 2, 2))
    process = site.start()
    site.await_end(process)
    assert audit(site) == [] and "totals-differ" not in site.log(process)
    put(site, message(20, 2, 3))
    site.await_end(process)
    await_true(lambda: "event=totals-differ" in site.log(process), process=process)
    put(site, message(30, 1), message(40, 3, 2))  # Said already of this receipt.
    site.await_end(process)
    notes = audit(site)  # The receipt is open, in the head.
    assert len(notes) == 3 and "records: declared 5, found 5, missing 1, surplus 1, absent or unreadable in 1 input" in notes[-1], notes
    log = site.log(process)
    assert log.count("event=totals-differ") == 3 and f"partition={site.topic}[0] total=records declared=3 found=2 missing=1" in log, log
    process.kill()  # What the head holds is read back.
    process.wait()
    process = site.start()
    put(site, message(50, 1, 1))
    site.await_end(process)
    site.stop(process)
    (chain,) = site.receipts().values()
    added = {name: sum(r["declared"]["records"][name] for r, _ in chain) for name in totals(0, 0, 0)}
    assert added == totals(11, 11, 5, missing=1, surplus=1, absent=1), added
    assert sum(r["passed"] for r, _ in chain) == 12
    assert len(audit(site)) == 3
    site.close()


def a_message_of_a_trailer_alone_is_receipted():
    site = Site(source="carrier-csv")
    put(site, message(0, 0, 2))
    process = site.start()
    site.await_end(process)
    assert "totals-differ" in site.log(process)
    site.stop(process)
    (chain,) = site.receipts().values()
    assert chain[-1][0]["in"] == 0 and chain[-1][0]["declared"]["records"] == totals(2, 0, 1, missing=2), chain
    assert len(audit(site)) == 3
    site.close()


def a_replay_declares_nothing_anew():
    site = Site(source="carrier-csv")
    put(site, message(0, 3, 3).replace(b";VOICE;", b";FAX2;", 1))
    process = site.start()
    site.await_end(process)
    done = W.winnow("quarantine", "replay", "--config", site.config)
    assert "1 refused again" in done.stdout, done.stdout
    assert audit(site) == [] and "totals-differ" not in site.log(process), site.log(process)
    site.stop(process)
    (chain,) = site.receipts().values()
    assert [r["event"]["kind"] for r, _ in chain if "event" in r] == ["replay"], chain
    assert sum(r["declared"].get("records", {"declared": 0})["declared"] for r, _ in chain) == 3, chain
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([receipts_hold_the_sums_of_messages, a_message_of_a_trailer_alone_is_receipted, a_replay_declares_nothing_anew]))
