#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each guard of the exactly-once protocol in the one situation that needs it, made on purpose.

chaos.py meets most of them by chance; here each is met for sure, so that a winnow without the guard fails (mutants.py).
"""
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
import doors  # noqa: E402
import kafka  # noqa: E402
from kafka import Site, await_true, calls  # noqa: E402
from proxy import END_TXN, HEARTBEAT, INIT_PRODUCER_ID, LIST_OFFSETS, OFFSET_FETCH, PRODUCE, WRITE_TXN_MARKERS  # noqa: E402

SHORT = {"session.timeout.ms": "2000", "heartbeat.interval.ms": "300"}
_server = None


def server():
    """@return the proxied broker of this program."""
    global _server
    if _server is None:
        _server = doors.ProxiedBroker()
    return _server


def is_held(process):
    """@return whether a process was stopped by a signal."""
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def of_ours(site, isolation=None):
    """@return how many billing records of this site can be seen."""
    name = site.topic.encode().hex()
    return sum(name in m["value"] for m in site.dump("usage.billing.call", isolation))


def zombie_that_joined_again_forgets_what_it_had_begun():
    """Its transaction is still open when it has a new generation: without a rebalance callback it would go through."""
    shortest = {"session.timeout.ms": "1000", "heartbeat.interval.ms": "200"}
    site = Site(server=server(), kafka=shortest, producer={"transaction.timeout.ms": "60000"}, commit_ms=5000)
    slow = site.write_config("z")  # The assignor gives the one partition to the first by name: not to this one.
    site.run_settings["commit_ms"] = 100
    quick = site.write_config("a")
    site.fill(calls(0, 200))
    zombie = site.start(slow)
    await_true(lambda: of_ours(site, "uncommitted") == 200, process=zombie)
    zombie.send_signal(signal.SIGSTOP)
    other = site.start(quick)
    site.await_end(other)
    zombie.send_signal(signal.SIGCONT)
    await_true(lambda: of_ours(site) >= 200, process=other)  # What the other did can be seen when the zombie's is decided.
    site.stop(zombie)
    site.stop(other)
    site.check(200)
    site.close()


def entries_of_a_batch_that_failed_do_not_count():
    """The transaction times out between the offsets and the commit: the same process does the batch once more."""
    site = Site(server=server(), kafka={"session.timeout.ms": "30000"}, producer={"transaction.timeout.ms": "2000"})
    state = f"winnow.state.{site.group}.{site.topic}"
    site.fill(calls(0, 50))
    process = site.start(WINNOW_STOP_AT="after-offsets:2")
    site.await_end(process)
    site.fill(calls(50, 50))
    await_true(lambda: is_held(process), process=process)
    before = site.end(0, state)
    await_true(lambda: site.end(0, state) > before)  # The marker of the abort.
    process.send_signal(signal.SIGCONT)
    site.await_end(process)
    site.stop(process)
    site.check(100)
    site.close()


def markers_late(which):
    """A worker dies behind its commit; the markers of one broker are late: of the state's (2) or of the offsets' (1)."""
    first, second = doors.pair()
    site = None
    try:
        site = Site(server=first, kafka=SHORT, make=False)
        site.tool("make", site.topic, 1, "broker=1")
        site.tool("make", f"winnow.state.{site.group}.{site.topic}", 1, "broker=2")
        kafka.W.winnow("topics", "create", "--config", site.config, "--partitions", 1)
        site.fill(calls(0, 50))
        process = site.start(kill_at="before-merge:2")
        site.await_end(process)
        held = (second if which == 2 else first).proxy.hold(WRITE_TXN_MARKERS)
        site.fill(calls(50, 50))
        assert process.wait(timeout=kafka.PATIENCE) == -signal.SIGKILL
        assert held.any.wait(kafka.PATIENCE)
        other = site.start(site.write_config("b"))
        await_true(lambda: "event=assigned partitions=1" in site.log(other), process=other)
        until = time.time() + 4  # It waits; one that does not is paused by now.
        while time.time() < until and "event=paused" not in site.log(other):
            time.sleep(0.1)
        assert "event=paused" not in site.log(other) and "event=running" not in site.log(other), site.log(other)
        held.release()
        await_true(lambda: "event=running" in site.log(other), process=other)
        site.stop(other)
        site.check(100)
    finally:
        if site:
            site.close()
        second.close()
        first.close()


def uncommitted_end_of_the_state_is_waited_for():
    markers_late(2)


def pending_offset_is_waited_for():
    markers_late(1)


def message_that_was_not_sent_breaks_the_transaction():
    """A produce() that fails does not fail Kafka's transaction."""
    site = Site(server=server())
    site.producer = {"message.max.bytes": "2000"}  # The topics take more.
    site.fill(calls(0, 50) + ["{" + "x" * 5000])
    process = site.start(site.write_config("a"))
    await_true(lambda: "event=paused" in site.log(process) or site.committed() == site.end(), process=process)
    assert "event=paused" in site.log(process) and "reason=batch-refused" in site.log(process), site.log(process)
    site.stop(process)
    site.producer = {}
    process = site.start(site.write_config("a"))
    site.await_end(process)
    site.stop(process)
    site.check(50, quarantined=1)
    assert len(site.dump_mine("winnow.quarantine")) == 1
    site.close()


def commit_that_was_sent_twice_does_not_end_the_next_transaction():
    """The library sends a commit again when its connection broke; the first request arrives in the middle of the next one."""
    site = doors.WaySite(server=server(), commit_ms=3000)
    site.fill(calls(0, 50))
    loss = site.server.proxy.lose(END_TXN, "late", after=1.5, client=f"{site.group}-a-1")
    process = site.start()
    assert loss.done.wait(kafka.PATIENCE)
    await_true(lambda: site.committed() == site.end(), process=process, every=0.01)
    site.fill(calls(50, 50))
    site.await_end(process)
    site.stop(process)
    assert "event=producer-renewed" in site.log(process), site.log(process)
    site.check(100)
    site.close()


def worker_that_was_replaced_in_its_restore_does_not_call_a_break():
    """It has read the offset when a second process of its name takes over and commits; then it reads the state's end."""
    site = doors.WaySite(server=server(), kafka={"session.timeout.ms": "30000"})
    twin = site.write_config("a", way=site.server.address, state="twin")
    slow = site.write_config("a")
    site.fill(calls(0, 50))
    process = site.start(twin)
    site.await_end(process)
    site.stop(process)
    fetch = (OFFSET_FETCH, "rdkafka")  # The first is to warm up; with the second it has the offset.
    before = site.server.proxy.seen[fetch]
    begin = site.server.proxy.hold(INIT_PRODUCER_ID, f"{site.group}-a-1")
    first = site.start(slow)
    assert begin.any.wait(kafka.PATIENCE)  # It has asked for all that it asks for at a start.
    ends = site.server.proxy.hold(LIST_OFFSETS)
    begin.release()
    await_true(lambda: "event=assigned partitions=1" in site.log(first), process=first)
    await_true(lambda: site.server.proxy.seen[fetch] >= before + 2, process=first)
    beats = site.server.proxy.hold(HEARTBEAT, f"{site.group}-a-1")
    second = site.start(twin)
    await_true(lambda: "event=running" in site.log(second), process=second)
    site.fill(calls(50, 50))
    site.await_end(second)
    ends.release()
    await_true(lambda: "event=running" in site.log(first) or "event=paused" in site.log(first), process=first)
    assert "event=paused" not in site.log(first), site.log(first)
    first.kill()
    second.kill()
    beats.release()
    process = site.start(twin)
    await_true(lambda: "event=running" in site.log(process), process=process)
    site.stop(process)
    site.check(100)
    site.close()


def what_is_kept_does_not_go_with_a_log_that_began_anew():
    """The state topic was made anew, and a head of the new log stands where the old one's stood: runs of old are not its."""
    site = Site(server=server(), kafka=SHORT)
    state = f"winnow.state.{site.group}.{site.topic}"
    site.fill(calls(0, 10))
    site.tool("trim", site.topic, 0, 10)  # A genesis that is receipted by itself, as the break will be.
    process = site.start()
    await_true(lambda: site.committed() == 10, process=process)
    site.fill(calls(10, 100))
    site.await_end(process)
    site.stop(process)
    shutil.copytree(site.dir / "state-a", site.dir / "kept", ignore=lambda _, names: [n for n in names if "sock" in n])
    site.remake(state)
    process = site.start()
    await_true(lambda: "event=paused" in site.log(process), process=process)
    site.ctl("accept-break", "looked at it")
    await_true(lambda: site.receipts()[(site.topic, 0)][-1][0].get("event", {}).get("kind") == "break", process=process)
    site.fill(calls(200, 50))
    site.await_end(process)
    site.stop(process)
    shutil.rmtree(site.dir / "state-a")
    shutil.copytree(site.dir / "kept", site.dir / "state-a")
    site.fill(calls(200, 50))
    process = site.start()
    site.await_end(process)
    site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == 150 and max(ids.values()) == 1, f"{len(ids)} records, {max(ids.values())} times at most"
    site.close()


def processes_that_start_at_once_publish_the_register_once():
    """The first one is overtaken while it publishes: it looks again, and goes on."""
    apart = doors.ProxiedBroker()
    try:
        site = doors.WaySite(server=apart)
        held = apart.proxy.hold(PRODUCE, f"{site.group}-keys", most=1)
        first = site.start()
        assert held.any.wait(kafka.PATIENCE)
        second = site.start(site.write_config("b"))
        await_true(lambda: "event=register-published" in site.log(second), process=second)
        held.release()
        site.fill(calls(0, 20))
        site.await_end(first)
        site.stop(first)
        site.stop(second)
        site.check(20)
        site.close()
    finally:
        apart.close()


if __name__ == "__main__":
    status = kafka.main([
        zombie_that_joined_again_forgets_what_it_had_begun, entries_of_a_batch_that_failed_do_not_count,
        uncommitted_end_of_the_state_is_waited_for, pending_offset_is_waited_for,
        message_that_was_not_sent_breaks_the_transaction, commit_that_was_sent_twice_does_not_end_the_next_transaction,
        worker_that_was_replaced_in_its_restore_does_not_call_a_break, what_is_kept_does_not_go_with_a_log_that_began_anew,
        processes_that_start_at_once_publish_the_register_once])
    if _server is not None:
        _server.close()
    sys.exit(status)
