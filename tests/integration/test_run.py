#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow run` against a real broker, from end to end."""
import sys
import time

import kafka
from kafka import Site, await_true, call, calls
from winnow import make_policy


def each_record_comes_out_once():
    """Records, repeated ones, broken ones and filtered ones, counted in signed receipts; nothing for who has not consented."""
    site = Site()
    records = calls(0, 500)
    site.fill(records + records[:50] + ["{broken"] * 3 + calls(9000, 4, answer_uepoch="0"))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(500, duplicates=50, quarantined=3, filtered=4)
    for message in site.dump("usage.billing.call"):
        assert len(message["key"]) == 32 and message["headers"] == 0
        assert abs(message["timestamp"] / 1000 - time.time()) < 600
    for (receipt, _) in site.receipts()[(site.topic, 0)]:
        assert receipt["purposes"]["insight"]["no_consent"] == receipt["passed"]
    site.close()


def duplicates_are_found_over_restarts_with_and_without_runs_on_disk():
    import shutil
    site = Site()
    site.fill(calls(0, 200))
    for turn in range(3):
        process = site.start()
        site.await_end(process)
        site.stop(process)
        if turn == 1:
            shutil.rmtree(site.dir / "state-a")
        site.fill(calls(0, 200))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(200, duplicates=600)
    site.close()


def runs_are_written_when_too_much_is_held():
    """Not only every hour: also on an input that is never idle, so that memory stays bounded."""
    site = Site(held=1000, commit_ms=4000)
    process = site.start()
    for turn in range(6):
        site.fill(calls(turn * 700, 700))
    await_true(lambda: list((site.dir / "state-a").glob("*/*/*.run")), process=process)
    site.await_end(process)
    process.kill()
    process.wait()
    site.fill(calls(0, 700))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(4200, duplicates=700)
    site.close()


def damaged_runs_are_read_anew_from_the_log():
    site = Site()
    site.fill(calls(0, 200))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    run, = (site.dir / "state-a").glob("*/*/*.run")
    octets = bytearray(run.read_bytes())
    octets[len(octets) // 2] ^= 1
    run.chmod(0o600)
    run.write_bytes(octets)
    site.fill(calls(0, 200))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(200, duplicates=200)
    site.close()


def transactions_of_the_input_are_read_whole():
    """Markers of the input's own transactions take offsets: the end is committed, and no receipt has a gap."""
    site = Site(commit_ms=30)
    for turn in range(5):
        site.fill(calls(turn * 100, 100), txn=f"writer-{site.name}")
    process = site.start()
    site.await_end(process)
    site.fill(calls(500, 10), txn=f"writer-{site.name}")
    site.await_end(process)
    site.stop(process)
    site.check(510)
    site.close()


def other_purposes_are_shuffled_and_lose_their_time():
    """A second purpose on another basis than consent: out, under its own key, at the full hour, in another order."""
    folder = kafka.tempfile.mkdtemp(prefix="winnow-policy-")
    policy = make_policy(folder + "/policy", basis="contract")
    site = Site(policy=policy)
    before = len(site.dump("usage.insight.call"))
    site.fill(calls(0, 300))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(300)
    found = site.dump("usage.insight.call")
    assert len(found) - before == 300, len(found) - before
    assert all(m["timestamp"] % 3600000 == 0 for m in found)
    billing = {m["key"] for m in site.dump("usage.billing.call")}
    assert not billing & {m["key"] for m in found}, "the purposes' keys are linked"
    site.close()


def receipts_close_by_count():
    site = Site(receipt_records=100, commit_records=50)
    site.fill(calls(0, 450))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(450)
    assert len(site.receipts()[(site.topic, 0)]) >= 4
    site.close()


def several_inputs_have_chains_of_their_own():
    site = Site(partitions=2, affinity="session", make=True)
    site.fill(calls(0, 100), 0)
    site.fill(calls(1000, 150), 1)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(250)
    assert set(site.receipts()) == {(site.topic, 0), (site.topic, 1)}
    site.close()


def partition_without_records_has_neither_head_nor_receipt():
    site = Site(partitions=2, affinity="session")
    site.fill(calls(0, 10), 1)
    process = site.start()
    site.await_end(process, [1])
    site.stop(process)
    assert set(site.receipts()) == {(site.topic, 1)}
    assert site.committed(0) < 0
    site.close()


def stop_in_the_flow_loses_nothing():
    """SIGTERM while records come, three times, each within ten seconds."""
    site = Site(commit_ms=1000)
    for turn in range(3):
        site.fill(calls(turn * 3000, 3000))
        process = site.start()
        await_true(lambda: "event=running" in site.log(process), process=process, every=0.01)
        time.sleep(0.1)
        assert site.stop(process) < 10
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(9000)
    site.close()


def topics_create_may_be_run_again():
    import winnow
    site = Site()
    again = winnow.winnow("topics", "create", "--config", site.config).stdout
    assert " made" not in again and f"winnow.state.{site.group}.{site.topic}" in again, again
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([
        each_record_comes_out_once, duplicates_are_found_over_restarts_with_and_without_runs_on_disk,
        runs_are_written_when_too_much_is_held, damaged_runs_are_read_anew_from_the_log, transactions_of_the_input_are_read_whole,
        other_purposes_are_shuffled_and_lose_their_time, receipts_close_by_count,
        several_inputs_have_chains_of_their_own, partition_without_records_has_neither_head_nor_receipt,
        stop_in_the_flow_loses_nothing, topics_create_may_be_run_again]))
