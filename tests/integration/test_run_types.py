#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A source with records of several types, in Kafka: one partition's stream becomes two topics of usage records in the same
transactions, exactly once; a source that is mended or changed while it runs; what no type took is read again."""
import json
import pathlib
import re
import shutil
import signal
import sys
import tempfile

import kafka
from kafka import Site, await_true

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402

START = 1792888205


def session(n, **more):
    return json.dumps({"function": "chf-1", "id": f"s{n}", "imsi": "204980000000001", "opened": START + n, "sequence": 1, "seconds": 60,
                       "cause": 0, "pdu": {"dnn": "internet.example", "units": [{"group": 1, "up": n + 1, "down": 7}]}} | more)


def message(n, key="message", **more):
    return json.dumps({"function": "chf-1", "id": f"s{n}", "imsi": "204980000000001",
                       key: {"at": START + n, "way": "sent", "to": "0031600000102"}} | more)


def call(n, **more):
    return json.dumps({"function": "chf-1", "id": f"c{n}", "call": {"answered": START + n, "seconds": 61, "way": "out",
                                                                   "from": "0031600000101", "to": "0031600000103"}} | more)


def mixed(first, n):
    """Records of all types, one after the other."""
    return [make(i) for i in range(first, first + n) for make in (session, message, call)]


class Place(Site):
    """A site with a source of several types, which a test may change."""

    def __init__(self, **more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-"))
        super().__init__(policy=W.make_policy(self.folder / "policy"), source="types-json", **more)
        self.file = self.policy / "sources" / "types-json.yaml"

    def change(self, old, new):
        text = self.file.read_text()
        assert text.count(old) == 1, old
        self.file.write_text(text.replace(old, new))

    def finish(self, sessions, calls, **counts):
        """Each record once, in its type's topic; the receipts' sums are over both, and the audit has nothing to say."""
        for kind, expected in (("session", sessions), ("call", calls)):
            ids, _ = self.mine(kind=kind)
            assert len(ids) == expected and set(ids.values()) == {1}, (kind, len(ids), expected)
        total = {}
        for chain in self.receipts().values():
            self.check_chain_numbers(chain)
            for receipt, _ in chain:
                for name in ("in", "passed", "duplicates"):
                    total[name] = total.get(name, 0) + receipt[name]
                for name, n in receipt["quarantined"].items():
                    total[name] = total.get(name, 0) + n
                topics = {o["topic"]: o["records"] for o in receipt["outputs"]}
                assert receipt["purposes"]["billing"]["out"] == sum(n for t, n in topics.items() if t.startswith("usage.billing.")), receipt
        assert total["passed"] == sessions + calls, (total, sessions, calls)
        assert {n: total.get(n, 0) for n in counts} == counts, (total, counts)
        done = W.winnow("audit", "--config", self.config, "--public-key", self.keys / "signing.pub", status=None)
        ours = [line for line in done.stdout.splitlines() if self.name in line]
        assert not ours, ours

    def close(self):
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


def gives_each_record_to_its_topic():
    site = Place()
    site.fill(mixed(0, 100) + mixed(50, 20) + [message(7, key="location")])
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.finish(100, 200, duplicates=60, **{"in": 361, "unknown-record-type": 1})
    site.close()


def killed_at(point):
    def test():
        site = Place(commit_records=50)
        site.fill(mixed(0, 60))
        process = site.start(kill_at=f"{point}:2")
        assert process.wait(timeout=kafka.PATIENCE) == -signal.SIGKILL
        site.fill(mixed(30, 60))
        process = site.start()
        site.await_end(process)
        site.stop(process)
        site.finish(90, 180, duplicates=90)
        site.close()
    test.__name__ = f"killed_at_{point.replace('-', '_')}"
    return test


def takes_a_wider_condition_and_reads_again_what_no_type_took():
    """`when` is no part of the duplicate rule: it is mended while the worker runs, and state of all types still counts."""
    site = Place()
    site.fill(mixed(0, 40) + [message(1000 + n, key="sms") for n in range(20)])
    process = site.start()
    site.await_end(process)
    site.change("when: {from: /message, present: true}", "when: {from: [/message, /sms], present: true}")
    site.change("from: /message/at,", "from: [/message/at, /sms/at],")
    await_true(lambda: "event=source-read" in site.log(process), process=process)
    done = W.winnow("quarantine", "replay", "--config", site.config, "--reason", "unknown-record-type")
    assert [int(n) for n in re.findall(r"\d+", done.stdout)] == [20, 20, 0, 0, 0, 0], done.stdout
    site.fill(mixed(20, 40) + [message(1000 + n, key="sms") for n in range(20)])
    site.await_end(process)
    site.stop(process)
    site.finish(60, 140, duplicates=80, **{"unknown-record-type": 20})
    site.close()


def refuses_another_rule_of_any_type():
    """While it runs the present source stays; at a start the partition is not taken."""
    site = Place()
    site.fill(mixed(0, 20))
    process = site.start()
    site.await_end(process)
    before = site.file.read_text()
    for old, new in (("    content: [duration]\n", ""), ("session_key: [node, subscriber, /id]", "session_key: [node, /id]")):
        said = site.log(process).count("reason=rule-changed")
        site.change(old, new)
        await_true(lambda: site.log(process).count("reason=rule-changed") > said, process=process)
        site.file.write_text(before)
        await_true(lambda: 'refused="' not in site.status(), process=process)
    site.fill(mixed(10, 20))
    site.await_end(process)
    site.stop(process)
    site.change("    content: [duration]\n", "")
    process = site.start()
    await_true(lambda: "rule-changed" in site.log(process), process=process)
    site.stop(process)
    site.finish(30, 60, duplicates=30)
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([gives_each_record_to_its_topic, killed_at("in-commit"), killed_at("before-merge"),
                         takes_a_wider_condition_and_reads_again_what_no_type_took, refuses_another_rule_of_any_type]))
