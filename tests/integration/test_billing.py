#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""contrib/billing/consume.py against a real broker: what docs/billing.md promises of a loader.

The tests share the topics, and a record_id is the same event wherever it comes from: each has calls of its own."""
import json
import os
import signal
import sqlite3
import subprocess
import sys

import kafka
from kafka import Site, await_true, calls
import winnow as W

PYTHON = os.environ.get("WINNOW_PYTHON", sys.executable)
CONSUME = W.SOURCE / "contrib/billing/consume.py"


def consume(*args, status=0):
    done = subprocess.run([PYTHON, str(CONSUME), *map(str, args)], capture_output=True, text=True, timeout=120)
    assert done.returncode == status, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def load(site, db, *more, status=0):
    return consume("load", "--brokers", site.server.address, "--db", db, "--schemas", W.SOURCE / "schemas/derived", *more,
                   status=status)


def report(site, db):
    """@return what is said of our first partition; None where it has no receipt yet."""
    done = subprocess.run([PYTHON, str(CONSUME), "report", "--db", str(db)], capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return next((row for row in rows if row["input"] == site.topic), None)


def mine(site, db, what="count(*), count(distinct record_id)"):
    with sqlite3.connect(db) as open_db:
        return open_db.execute(f"select {what} from usage where input = ?", (site.topic,)).fetchone()


def each_record_is_loaded_once_and_accounted_for():
    """Records, receipts and sums agree; loading again adds nothing; what comes later is loaded from there."""
    site, db = Site(receipt_records=100, commit_records=50), None
    db = site.dir / "billing.db"
    records = calls(100000, 300)
    site.fill(records + records[:40] + ["{broken"] * 3)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    load(site, db)
    assert mine(site, db) == (300, 300), mine(site, db)
    said = report(site, db)
    assert said["gaps"] == [] and said["records"] == 300 and said["without_receipt_yet"] == 0 and said["receipts"] >= 3, said
    site.fill(calls(101000, 60))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    load(site, db)
    with sqlite3.connect(db) as forgetful:
        forgetful.execute("delete from offsets")  # As a loader that lost its offsets: it reads all again.
    load(site, db)
    assert mine(site, db) == (360, 360) and report(site, db)["gaps"] == []
    site.close()


def aborted_transactions_are_not_loaded():
    """A worker is killed with records in the topic that were never committed: they are out once, by the one that follows."""
    site = Site(commit_ms=2000)
    db = site.dir / "billing.db"
    site.fill(calls(110000, 200))
    process = site.start(kill_at="after-state")
    assert process.wait(timeout=60) == -signal.SIGKILL
    process = site.start()
    site.await_end(process)
    site.stop(process)
    load(site, db)
    assert mine(site, db) == (200, 200), mine(site, db)
    assert len(site.dump("usage.billing.call", "read_uncommitted")) >= 400, "nothing was left of the one that was killed"
    assert report(site, db)["gaps"] == []
    site.close()


def missing_records_and_receipts_are_said():
    site = Site(receipt_records=100, commit_records=50)
    db = site.dir / "billing.db"
    site.fill(calls(120000, 400))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    load(site, db)
    with sqlite3.connect(db) as hand:
        hand.execute("delete from usage where input = ? and offset between 10 and 12", (site.topic,))
    said = report(site, db)
    assert said["gaps"] == ["up to offset 399 the receipts say 400 records, 397 are loaded"], said
    with sqlite3.connect(db) as hand:
        hand.execute("delete from receipts where input = ? and number = 2", (site.topic,))
    assert any("receipt 3 does not follow receipt 1" in gap for gap in report(site, db)["gaps"])
    site.close()


def records_before_their_receipt_are_told_apart():
    """A receipt closes every minute: until then its records are loaded, and counted as such."""
    site = Site()
    db = site.dir / "billing.db"
    site.fill(calls(130000, 10))
    process = site.start()
    site.await_end(process)
    site.fill(calls(131000, 25))  # The first receipt closed at once; this one is open.
    site.await_end(process)

    def loaded():
        load(site, db)
        return mine(site, db) == (35, 35)

    await_true(loaded, 30, process)
    said = report(site, db)
    assert said["gaps"] == [] and said["records"] + said["without_receipt_yet"] == 35, said
    assert said["without_receipt_yet"] >= 25, said
    site.stop(process)
    site.close()


def unknown_schema_stops_the_loader():
    site = Site()
    db = site.dir / "billing.db"
    site.fill(calls(140000, 10))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    none = site.dir / "none"
    none.mkdir()
    failed = consume("load", "--brokers", site.server.address, "--db", db, "--schemas", none, status=1)
    assert "winnow schema billing" in failed.stderr, failed.stderr
    assert mine(site, db) == (0, 0)
    load(site, db)  # It goes on where it stopped.
    assert mine(site, db) == (10, 10)
    site.close()


if __name__ == "__main__":
    if subprocess.run([PYTHON, "-c", "import confluent_kafka, fastavro"], capture_output=True).returncode:
        print(f"{PYTHON} has no confluent-kafka or fastavro: pip install confluent-kafka 'fastavro[zstandard]', and name it in "
              "WINNOW_PYTHON")
        sys.exit(1)
    sys.exit(kafka.main([each_record_is_loaded_once_and_accounted_for, aborted_transactions_are_not_loaded,
                         missing_records_and_receipts_are_said, records_before_their_receipt_are_told_apart,
                         unknown_schema_stops_the_loader]))
