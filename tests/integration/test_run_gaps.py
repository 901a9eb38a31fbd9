#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node's own numbers in topics: receipts and state hold them through kills, once each, and the audit joins partitions."""
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import kafka
import test_run_http as http
from kafka import Site, await_true
from test_gaps import SOURCE, numbers, record

import winnow as W

START = int(kafka.NOW) - 3600


def make_site(**more):
    policy = W.make_policy(pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-")) / "schemas")
    (policy / "sources/numbered.yaml").write_text(SOURCE)
    return Site(source="numbered", policy=policy, **more)


def close(site):
    site.close()
    shutil.rmtree(site.policy.parent)


def audit(site):
    """@return (notes about nodes, gaps) of an audit without findings; all tests' receipts lie in one topic, so each has its own nodes."""
    said = json.loads(W.winnow("audit", "--config", site.config, "--public-key", site.keys / "signing.pub", "--json").stdout)
    assert said["findings"] == [], said
    return [note for note in said["notes"] if "sequence-" in note], sorted((gap["node"], gap["first"], gap["last"], gap["count"]) for gap in said["gaps"])


def counted(site):
    """How many records gave a number, by all receipts."""
    return sum(entry["records"] for chain in site.receipts().values() for receipt, _ in chain for entry in receipt["nodes"])


def metrics(site, process):
    """@return {name: sum over partitions} of what is said of numbers."""
    found = {}
    for name, number in http.metrics(http.port_of(site, process)).items():
        if name.startswith("winnow_sequence_"):
            name = name.split("{")[0].removeprefix("winnow_sequence_")
            found[name] = found.get(name, 0) + number
    return found


def partitions_are_joined_and_late_records_close_gaps():
    site = make_site(partitions=2, affinity="session", receipt_records=5)
    for i, line in enumerate(numbers("pgw-1", "1-39", "41-60", start=START)):
        site.fill([line], i % 2)
    site.fill(numbers("sgw-1", 4294967295, 1, start=START), 0)
    process = site.start()
    site.await_end(process)
    assert audit(site) == (["sequence-gap: numbered: node pgw-1: 40 is missing, since " + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START)),
                            "sequence-gap: numbered: node sgw-1: 0 is missing, since " + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START))],
                           [("pgw-1", 40, 40, 1), ("sgw-1", 0, 0, 1)]), audit(site)
    site.fill([record("pgw-1", 40, "filtered", start=START), record("sgw-1", 0, "quarantined", start=START)], 1)
    site.await_end(process)
    assert audit(site) == ([], []), audit(site)
    site.stop(process)
    assert counted(site) == 63, counted(site)
    close(site)


def the_log_and_the_metrics_say_it_once_a_receipt():
    site = make_site(http=http.ANY_PORT, receipt_records=4)
    process = site.start()
    site.fill(numbers("pgw-2", "1-3", 6, start=START))
    site.await_end(process)
    await_true(lambda: "event=sequence-gap" in site.log(process), process=process)
    assert f"event=sequence-gap partition={site.topic}[0] nodes=1 gaps=1 missing=2" in site.log(process), site.log(process)
    await_true(lambda: metrics(site, process) == {"gaps": 1, "missing": 2, "resets": 0}, process=process)
    assert "pgw-2" not in site.log(process)
    process.kill()
    process.wait()
    process = site.start()  # From the state.
    site.fill(numbers("pgw-2", 4, start=START))
    site.await_end(process)
    await_true(lambda: metrics(site, process) == {"gaps": 1, "missing": 1, "resets": 0}, process=process)
    site.stop(process)
    shutil.rmtree(site.dir / "state-a")  # From the log alone.
    process = site.start()
    site.fill(numbers("pgw-2", 5, 7, start=START))
    site.await_end(process)
    await_true(lambda: metrics(site, process) == {"gaps": 0, "missing": 0, "resets": 0}, process=process)
    site.stop(process)
    assert audit(site) == ([], []) and counted(site) == 7
    close(site)


def kills_double_nothing():
    site = make_site(commit_ms=20, receipt_records=50, http=http.ANY_PORT)
    n = 0
    for i, point in enumerate(["after-produce", "after-state", "after-offsets", "in-commit", "before-merge", "in-restore", "after-state", "before-merge"]):
        site.fill(numbers("pgw-3", *[k for k in range(n, n + 60) if k % 45 != 44], start=START))  # 44, 89, … never come.
        n += 60
        if i == 4:
            shutil.rmtree(site.dir / "state-a", ignore_errors=True)
        process = site.start(kill_at=f"{point}:{1 + i % 2}")
        begun = time.time()
        while process.poll() is None and time.time() - begun < 30:
            site.fill(numbers("pgw-3", *[k for k in range(n, n + 5) if k % 45 != 44], start=START))
            n += 5
            time.sleep(0.05)
        assert process.poll() == -signal.SIGKILL, f"{point}: {process.poll()}\\n{site.log(process)[-2000:]}"
    process = site.start()
    site.fill(numbers("pgw-3", n + 45 - n % 45, start=START))  # The last one comes: what lacks lies within.
    missing = [k for k in range(n) if k % 45 == 44]
    site.await_end(process)
    last = n + 45 - n % 45
    expected = sorted([("pgw-3", k, k, 1) for k in missing if k < n - n % 45] + ([("pgw-3", n, last - 1, last - n)] if last > n else []))
    assert audit(site)[1] == expected, (audit(site)[1], expected, n)
    await_true(lambda: metrics(site, process)["gaps"] == len(expected), process=process)
    assert metrics(site, process)["resets"] == 0
    site.stop(process)
    assert counted(site) == len(site.sent), (counted(site), len(site.sent))
    close(site)


if __name__ == "__main__":
    sys.exit(kafka.main([partitions_are_joined_and_late_records_close_gaps, the_log_and_the_metrics_say_it_once_a_receipt, kills_double_nothing]))
