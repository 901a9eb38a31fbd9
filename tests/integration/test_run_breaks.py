#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What breaks the agreement of input, state and offset pauses the partition, until a person accepts it by a signed reason."""
import sys
import time

import kafka
from kafka import Site, await_true, calls

SHORT = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}


def begun(n=100, **more):
    """@return a site whose worker has taken n records and was stopped."""
    site = Site(kafka=SHORT, **more)
    site.fill(calls(0, n))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    return site


def await_paused(site, process, reason, partition=0):
    """Wait for the pause. @return its line of the status."""
    line = f"{site.topic}[{partition}] paused"
    await_true(lambda: line in site.status(), process=process)
    found = next(l for l in site.status().splitlines() if l.startswith(line))
    assert f"reason={reason} " in found, found
    return found


def accept(site, process, reason="looked at it"):
    """Accept the break. @return nothing; the partition runs again."""
    site.ctl("accept-break", reason)
    await_true(lambda: f"{site.topic}[0] running" in site.status(), process=process)


def event_of(site, reason):
    """@return the one receipt of an event."""
    found = [r for r, _ in site.receipts()[(site.topic, 0)] if r.get("event")]
    assert len(found) == 1, found
    assert found[0]["event"] == {"kind": "break", "reason": "looked at it", "refers": reason}, found[0]["event"]
    return found[0]


def finish(site, process, out, duplicates=0):
    """More records, then the end. @return nothing."""
    site.fill(calls(5000, 50))
    site.await_end(process)
    site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == out and max(ids.values()) == 1, f"{len(ids)} records, {max(ids.values())} times at most"
    chain = site.receipts()[(site.topic, 0)]
    site.check_chain_numbers(chain)
    found = sum(r.get("duplicates", 0) for r, _ in chain)
    assert found == duplicates, f"{found} duplicates, expected {duplicates}"
    site.close()


def offset_set_back_is_a_break():
    site = begun()
    time.sleep(2)  # The static member's session ends: a group with members can't be set.
    site.tool("group", site.group, site.topic, 0, 40)
    process = site.start()
    await_paused(site, process, "offset-differs")
    assert site.mine()[0] and len(site.mine()[0]) == 100, "nothing came out before the break was accepted"
    site.ctl("accept-break", "caf\u00e9", status=1)  # It goes into a signed receipt: ASCII alone.
    site.ctl("resume", status=1)
    accept(site, process)
    finish(site, process, 150, duplicates=60)


def state_topic_made_anew_is_a_break():
    site = begun()
    state = f"winnow.state.{site.group}.{site.topic}"
    site.tool("remove", state)
    time.sleep(0.5)
    site.tool("make", state, 1)
    process = site.start()
    await_paused(site, process, "state-lost")
    accept(site, process)
    site.fill(calls(5000, 50))
    site.await_end(process)
    site.stop(process)
    event = event_of(site, "state-lost")
    assert event["inputs"][0]["first_offset"] == 100 and event["inputs"][0]["last_offset"] == 99, event["inputs"]
    # Once more, to see that the new log is a whole one.
    process = site.start()
    site.fill(calls(5000, 50))
    site.await_end(process)
    site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == 150 and max(ids.values()) == 1
    site.check_chain_numbers(site.receipts()[(site.topic, 0)])
    site.close()


def state_log_without_its_beginning_is_a_break():
    site = begun()
    process = site.start()
    site.fill(calls(100, 100))
    site.await_end(process)
    site.stop(process)
    state = f"winnow.state.{site.group}.{site.topic}"
    low, high = map(int, site.tool("ends", state, 0).split())
    last_heads = high - 2  # The last head and its commit marker.
    site.tool("trim", state, 0, last_heads)
    import shutil
    shutil.rmtree(site.dir / "state-a")  # Else what is kept on disk makes it whole.
    process = site.start()
    await_paused(site, process, "state-lost")
    accept(site, process)
    finish(site, process, 250)


def input_made_anew_is_a_break():
    site = begun()
    site.tool("remove", site.topic)
    time.sleep(0.5)
    site.tool("make", site.topic, 1)
    site.fill(calls(7000, 120))
    process = site.start()
    await_paused(site, process, "input-recreated")
    accept(site, process)
    site.await_end(process)
    event_now = None
    site.stop(process)
    event_now = event_of(site, "input-recreated")
    assert event_now["inputs"][0]["last_offset"] == -1, "it begins at the low watermark"
    ids, _ = site.mine()
    assert len(ids) == 220 and max(ids.values()) == 1, len(ids)
    site.close()


def input_made_anew_under_a_running_worker_is_a_break():
    site = Site(kafka=SHORT)
    site.fill(calls(0, 100))
    process = site.start()
    site.await_end(process)
    site.tool("remove", site.topic)
    time.sleep(0.5)
    site.tool("make", site.topic, 1)
    site.fill(calls(7000, 300))
    await_paused(site, process, "input-recreated")
    accept(site, process)
    await_true(lambda: site.committed() == 300, process=process)
    site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == 400 and max(ids.values()) == 1, len(ids)
    site.close()


def records_deleted_unread_are_a_break():
    site = begun()
    site.fill(calls(100, 100))
    site.tool("trim", site.topic, 0, 150)
    process = site.start()
    await_paused(site, process, "input-trimmed")
    accept(site, process)
    site.await_end(process)
    site.stop(process)
    event = event_of(site, "input-trimmed")
    assert (event["inputs"][0]["first_offset"], event["inputs"][0]["last_offset"]) == (100, 149), event["inputs"]
    ids, _ = site.mine()
    assert len(ids) == 150, len(ids)
    site.close()


def one_partition_waits_and_the_other_goes_on():
    site = Site(partitions=2, affinity="session", kafka=SHORT)
    site.fill(calls(0, 100), 0)
    site.fill(calls(1000, 100), 1)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    time.sleep(2)
    site.tool("group", site.group, site.topic, 0, 40)
    process = site.start()
    await_paused(site, process, "offset-differs")
    site.fill(calls(2000, 50), 1)
    site.await_end(process, [1])
    assert len(site.mine()[0]) == 250
    site.ctl("accept-break", "--partition", f"{site.topic}:1", "wrong one", status=1)
    site.ctl("accept-break", "--partition", f"{site.topic}:0", "looked at it")
    site.await_end(process)
    site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == 250 and max(ids.values()) == 1
    site.close()


def genesis_above_offset_zero_is_receipted_at_once():
    site = Site()
    site.fill(calls(0, 50))
    site.tool("trim", site.topic, 0, 50)
    process = site.start()
    await_true(lambda: site.receipts(), process=process)
    site.stop(process)
    (receipt, _), = site.receipts()[(site.topic, 0)]
    assert receipt["event"]["kind"] == "genesis", receipt
    assert (receipt["inputs"][0]["first_offset"], receipt["inputs"][0]["last_offset"]) == (0, 49)
    assert site.committed() == 50
    process = site.start()
    site.fill(calls(100, 10))
    site.await_end(process)
    site.stop(process)
    site.check(10)
    site.close()


def added_partition_is_never_read():
    site = begun(affinity="session")
    site.tool("grow", site.topic, 2)
    site.fill(calls(200, 10), 1)
    time.sleep(2)  # The static member's session ends, so that the group shares out anew.
    process = site.start()
    await_true(lambda: "event=partition-added" in site.log(process), process=process)
    await_true(lambda: f"{site.topic}[1] paused" in site.status(), process=process)
    assert "reason=partition-added " in site.status()
    site.fill(calls(300, 10), 0)
    site.await_end(process, [0])
    site.ctl("accept-break", "no", status=1)
    site.stop(process)
    assert len(site.mine()[0]) == 110
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([
        offset_set_back_is_a_break, state_topic_made_anew_is_a_break, state_log_without_its_beginning_is_a_break,
        input_made_anew_is_a_break, input_made_anew_under_a_running_worker_is_a_break,
        records_deleted_unread_are_a_break, one_partition_waits_and_the_other_goes_on,
        genesis_above_offset_zero_is_receipted_at_once, added_partition_is_never_read]))
