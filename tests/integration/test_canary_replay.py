#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing leaks through `winnow quarantine replay`: the marked records of test_canary.py, refused, are taken up again: as they
were, under a mended source, by a worker that is killed in the middle, and when they are gone from the raw topic. What the
command prints, the log, receipts, envelopes, usage records, keys, headers, the state and `ctl status` are searched in eight
encodings, as test_canary_topics.py does."""
import json
import pathlib
import re
import shutil
import signal
import sys
import tempfile

import kafka
from kafka import W, await_true

import marked
from test_canary import Markers, detail, freeswitch
from test_canary_topics import marked_site, places_of, said_by, search

# What the mended source reads in place of a field that is broken in some records.
MENDED = {"freeswitch-json": ("from: /variables/billusec, as: us", "from: /variables/mended, as: us"),
          "freeradius-detail": ("{field: duration, from: /Acct-Session-Time", "{field: duration, from: /Mended-Time")}


def mendable_calls(markers):
    """The marked calls, and some of other uuids that only the mended source reads."""
    raw = freeswitch(markers)
    record = json.loads(raw.splitlines()[0])
    more = []
    for i in range(3):
        record["variables"] |= {"uuid": markers.text("freeswitch:a mended uuid"), "billusec": markers.text("freeswitch:a mended billusec"),
                                "mended": "60000000"}
        more.append(json.dumps(record).encode() + b"\n")
    return b"".join(more) + raw


def mendable_sessions(markers):
    """The marked sessions, and one whose time stands in another attribute."""
    raw = detail(markers)
    first = raw.split(b"\n\n")[0].decode()
    for name, value in (("Acct-Session-Id", f'"{markers.text("detail:a mended session id")}"'),
                        ("Acct-Session-Time", f'"{markers.text("detail:a mended time")}"')):
        first = re.sub(f"\t{name} = .*", f"\t{name} = {value}", first)
    return (first + "\n\tMended-Time = 600\n\n").encode() + raw


class Replays:
    """One site whose refused records are taken up again; what is said and found on the way."""

    def __init__(self, source, make):
        self.source, self.markers, self.found, self.said = source, Markers(), [], {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-"))
        self.site = marked_site(source, make(self.markers), self.markers, policy=W.make_policy(self.folder / "policy"))

    def start(self, **more):
        process = self.site.start(**more)
        await_true(lambda: "event=running" in self.site.log(process), process=process)
        return process

    def replay(self, name):
        """@return the counts that are printed, in their order."""
        said = said_by(("quarantine", "replay", "--config", self.site.config))
        self.said[f"{self.source}: replay, {name}"] = said
        line = re.search(rb"^\d+ records taken up again.*$", said, re.M)
        return [int(n) for n in re.findall(rb"\d+", line[0])] if line else []

    def expect(self, condition, what):
        if not condition:
            self.found.append(f"{self.source}: {what}: the search means nothing")

    def mend(self):
        if self.source in MENDED:
            file = self.site.policy / "sources" / f"{self.source}.yaml"
            text = file.read_text()
            assert MENDED[self.source][0] in text
            file.write_text(text.replace(*MENDED[self.source]))

    def status(self, name):
        self.said[f"{self.source}: ctl status, {name}"] = self.site.status().encode()

    def leaks(self):
        """@return sentences, one a finding."""
        site = self.site
        process = site.start()
        site.await_end(process)
        counts = self.replay("as it was")
        refused = counts[0] if counts else 0
        self.expect(refused >= 4 and counts[5] == refused, "as it was, all are refused again")
        site.stop(process)
        self.mend()
        process = self.start(kill_at="after-offsets")  # Leaves an aborted transaction behind.
        self.replay("killed")
        self.expect(process.wait(timeout=kafka.PATIENCE) == -signal.SIGKILL, "the worker is killed")
        process = self.start()
        counts = self.replay("mended")
        self.expect(counts and counts[0] >= 4 and counts[5] >= 3 and (counts[1] > 0) == (self.source in MENDED),
                    f"mended, some pass and others are refused ({counts})")
        self.status("mended")
        site.tool("trim", site.topic, 0, site.end())
        self.replay("gone")
        self.expect(b"the raw record is gone" in self.said[f"{self.source}: replay, gone"], "what is gone is said")
        self.status("gone")
        site.stop(process)
        receipts = [r for chain in site.receipts().values() for r, _ in chain]
        self.expect(any((r.get("event") or {}).get("kind") == "replay" for r in receipts), "receipts of replays")
        self.found += search(places_of(site, self.found) | self.said, self.markers)
        site.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.found


if __name__ == "__main__":
    try:
        findings = Replays("freeswitch-json", mendable_calls).leaks() + Replays("freeradius-detail", mendable_sessions).leaks()
        for kind, maker in (("cucm-csv", marked.cucm), ("carrier-csv", marked.carrier)):  # Packed, and with a header of names.
            findings += Replays(kind, maker).leaks()
    finally:
        kafka.close_broker()
    print("\n".join(findings) or "ok")
    sys.exit(1 if findings else 0)
