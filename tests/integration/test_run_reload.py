#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP and `winnow ctl` under a running worker: policy and sources are taken together or not at all, and every order is in the
log."""
import pathlib
import shutil
import signal
import sys
import tempfile

import kafka
from kafka import Site, await_true, calls

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402


class Policy:
    """A policy folder that a test edits while a worker reads it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-"))
        self.path = W.make_policy(self.folder / "policy")
        self.kept = {p: p.read_text() for p in (self.path / "call.avsc", self.source)}

    @property
    def source(self):
        return self.path / "sources/freeswitch-json.yaml"

    def edit(self, path, was, becomes):
        text = path.read_text()
        assert was in text, f"{was} is not in {path.name}"
        (path.parent / "aside").write_text(text.replace(was, becomes))
        (path.parent / "aside").rename(path)

    def restore(self):
        for path, text in self.kept.items():
            path.write_text(text)

    def close(self):
        shutil.rmtree(self.folder)


NEW_FIELD = ('{"name": "trunk",', '{"name": "rehearsal", "type": ["null", "string"], "doc": "Of this test.",\n'
             ' "winnow": {"kind": "token", "billing": "keep"}},\n{"name": "trunk",')


def hang_up(site, process, event, n=1):
    """SIGHUP, and wait until the log says for the n-th time what came of it."""
    process.send_signal(signal.SIGHUP)
    await_true(lambda: site.log(process).count(f"event={event}") >= n, 30, process)


def policies(site):
    """@return the policy ids of the receipts, in order, each once; and how many records each had."""
    found = {}
    for receipt, _ in site.receipts()[(site.topic, 0)]:
        found[receipt["policy"]] = found.get(receipt["policy"], 0) + receipt["in"]
    return found


def policy_and_source_are_taken_together():
    """A new field, filled by a source: neither can be without the other. The next receipt names the policy."""
    policy = Policy()
    site = Site(policy=policy.path)
    site.fill(calls(0, 300))
    process = site.start()
    site.await_end(process)
    policy.edit(policy.path / "call.avsc", *NEW_FIELD)
    policy.edit(policy.source, "\nfields:\n", "\nfields:\n  - {field: rehearsal, from: /variables/hangup_cause}\n")
    await_true(lambda: "event=source-refused" in site.log(process), 30, process)  # By itself it does not fit.
    site.fill(calls(1000, 100))
    site.await_end(process)
    hang_up(site, process, "policy-read")
    site.fill(calls(2000, 50))
    site.await_end(process)
    site.stop(process)
    site.check(450)
    assert list(policies(site).values()) == [400, 50], policies(site)
    fronts = {m["value"][:20] for m in site.dump("usage.billing.call") if site.topic.encode().hex() in m["value"]}
    assert len(fronts) == 2, "one schema before, another one behind"
    with_field = [m for m in site.dump_mine("usage.billing.call") if b"NORMAL_CLEARING".hex() in m["value"]]
    assert len(with_field) == 50, len(with_field)
    site.close()
    policy.close()


def what_is_wrong_changes_nothing():
    """Faults, another duplicate rule, another topic, purpose or basis: refused, said, the old ones stay."""
    policy = Policy()
    site = Site(policy=policy.path)
    process = site.start()
    site.fill(calls(0, 10))
    site.await_end(process)
    schema = policy.path / "call.avsc"
    wrong = [
        (schema, '"kind": "token"', '"kind": "secret"', "faults in all"),
        (schema, '"usage.billing.call"', '"usage.billing.other"', "topics"),
        (schema, '"basis": "consent"', '"basis": "contract"', "basis"),
        (policy.source, "duplicate_key: [node, ", "duplicate_key: [", "duplicate rule"),
    ]
    for n, (path, was, becomes, said) in enumerate(wrong, 1):
        policy.edit(path, was, becomes)
        hang_up(site, process, "policy-refused", n)
        line = next(l for l in site.status().splitlines() if l.startswith("policy "))
        assert "refused=" in line and said in line, line
        policy.restore()
        site.fill(calls(n * 100, 10))
        site.await_end(process)
    hang_up(site, process, "policy-read")
    assert "refused=" not in next(l for l in site.status().splitlines() if l.startswith("policy "))
    site.stop(process)
    site.check(50)
    assert len(policies(site)) == 1
    site.close()
    policy.close()


def hang_ups_in_the_flow_lose_nothing():
    policy = Policy()
    site = Site(policy=policy.path, commit_records=500)
    process = site.start()
    for turn in range(6):
        site.fill(calls(turn * 2000, 2000))
        if turn % 2:
            policy.restore()
        else:
            policy.edit(policy.path / "call.avsc", *NEW_FIELD)
        process.send_signal(signal.SIGHUP)
    site.await_end(process)
    await_true(lambda: site.log(process).count("event=policy-read") >= 1, 30, process)
    site.stop(process)
    site.check(12000)
    site.close()
    policy.close()


def partition_is_paused_by_hand():
    """Between two transactions; the others go on, its receipt is closed; resume goes on where it stopped."""
    site = Site(partitions=2, affinity="session")
    process = site.start()
    site.fill(calls(0, 200), 0)
    site.fill(calls(1000, 100), 1)
    site.await_end(process)
    site.ctl("pause", site.topic, 0, 'the switch is "rehomed"')
    line = next(l for l in site.status().splitlines() if l.startswith(f"{site.topic}[0] "))
    assert "paused" in line and "reason=by-hand" in line and "break=no" in line, line
    site.fill(calls(2000, 100), 0)
    site.fill(calls(3000, 100), 1)
    site.await_end(process, [1])
    assert site.committed(0) == 200
    for wrong in ((site.topic, 0, "again"), (site.topic, 7, "none"), ("raw.nobody", 0, "none"), (site.topic, 1, "x" * 201)):
        site.ctl("pause", *wrong, status=1)
    site.ctl("accept-break", "it is none", status=1)
    site.ctl("resume", "--partition", f"{site.topic}:0")
    site.await_end(process)
    site.stop(process)
    site.check(500)
    log = site.log(process)
    orders = [l for l in log.splitlines() if "event=order" in l]
    assert f'order="pause {site.topic}:0 the switch is  rehomed " answer=ok' in orders[0], orders[0]
    assert "event=order uid=" in orders[0] and " pid=" in orders[0]
    assert sum("answer=no" in l for l in orders) == 5 and any('order="status"' in l for l in orders), orders
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([policy_and_source_are_taken_together, what_is_wrong_changes_nothing,
                         hang_ups_in_the_flow_lose_nothing, partition_is_paused_by_hand]))
