#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The five classes of errors, each provoked for real: retriable, abortable, the same again, fenced, fatal."""
import signal
import sys
import time

import kafka
from kafka import Broker, Site, await_true, call, calls


def broker_that_goes_away_and_comes_back_loses_nothing():
    """Retriable, and commits whose outcome nobody knows: the broker is killed in the flow, twice."""
    server = Broker()
    try:
        site = Site(server=server, commit_ms=20)
        site.fill(calls(0, 1000))
        process = site.start()
        await_true(lambda: site.committed() > 0, process=process)
        for turn in range(2):
            site.fill(calls(1000 + turn * 500, 500))
            time.sleep(0.1 * turn)
            server.kill()
            time.sleep(0.3)
            server.start()
        site.await_end(process, limit=90)
        site.stop(process)
        site.check(2000)
        site.close()
    finally:
        server.close()


def stopped_process_aborts_what_others_took_over():
    """Abortable: a process that stood still for longer than its session can't commit; the other one did its work."""
    short = {"session.timeout.ms": "2000", "heartbeat.interval.ms": "300"}
    site = Site(kafka=short, producer={"transaction.timeout.ms": "20000"}, commit_ms=3000)
    site.fill(calls(0, 200))
    first = site.start()
    await_true(lambda: "event=running" in site.log(first), process=first)
    time.sleep(1.5)  # Its transaction is open, with records in it.
    first.send_signal(signal.SIGSTOP)
    second = site.start(site.write_config("b"))
    await_true(lambda: "event=assigned partitions=1" in site.log(second), process=second)
    site.fill(calls(200, 100))
    first.send_signal(signal.SIGCONT)
    await_true(lambda: "event=aborted" in site.log(first) or "event=begun-anew" in site.log(first), process=first)
    site.await_end(second)
    site.await_end(first)
    site.stop(second)
    site.stop(first)
    site.check(300)
    site.close()


def batch_that_is_refused_pauses_its_partition_alone():
    """The same again: a message that the broker would never take."""
    site = Site(partitions=2, affinity="session", producer={"message.max.bytes": "2000"})
    site.fill(calls(0, 50), 0)
    site.fill(calls(1000, 50), 1)
    process = site.start()
    site.await_end(process)
    site.fill(["{" + "x" * 5000], 0)
    await_true(lambda: f"{site.topic}[0] paused" in site.status(), process=process)
    line = next(l for l in site.status().splitlines() if l.startswith(f"{site.topic}[0]"))
    assert "reason=batch-refused" in line and "winnow.quarantine" in line and "break=no" in line, line
    site.fill(calls(2000, 50), 1)
    site.await_end(process, [1])
    site.ctl("accept-break", "it is none", status=1)
    site.ctl("resume")  # Nothing was mended: it is refused three times more.
    await_true(lambda: site.log(process).count("event=paused") == 2, process=process)
    site.stop(process)
    site.producer = {}
    process = site.start(site.write_config("a"))
    site.await_end(process)
    site.stop(process)
    site.check(150, quarantined=1)
    site.close()


def fenced_once_begins_anew_and_twice_leaves():
    """Fenced: somebody else uses our name."""
    site = Site(commit_ms=50)
    site.fill(calls(0, 50))
    process = site.start()
    site.await_end(process)
    site.tool("make", f"other.{site.name}", 1)
    site.tool("fill-txn", f"other.{site.name}", 0, f"{site.group}-a-1", stdin=b"x\n")
    site.fill(calls(100, 50))
    await_true(lambda: "event=begun-anew" in site.log(process), process=process)
    site.await_end(process)
    site.tool("fill-txn", f"other.{site.name}", 0, f"{site.group}-a-1", stdin=b"x\n")
    site.fill(calls(200, 50))
    assert process.wait(timeout=kafka.PATIENCE) == 4, site.log(process)
    assert "name" in site.log(process).splitlines()[-1] or "name-taken" in site.log(process)
    process = site.start()
    site.await_end(process)
    site.stop(process)
    site.check(150)
    site.close()


def fatal_error_ends_the_process():
    """Fatal: a transaction may not last that long."""
    site = Site(producer={"transaction.timeout.ms": "3600000"})
    process = site.start()
    assert process.wait(timeout=kafka.PATIENCE) == 1, site.log(process)
    assert "init_transactions" in site.log(process), site.log(process)
    site.close()


def broker_that_is_away_is_said_in_one_line():
    site = Site()
    config = site.dir / "away.yaml"
    port = kafka.free_port()
    config.write_text(site.config.read_text().replace(site.server.address, f"127.0.0.1:{port}"))
    process = site.start(config)
    assert process.wait(timeout=kafka.PATIENCE) == 1
    lines = [l for l in site.log(process).splitlines() if not l.startswith("level=")]
    assert f"127.0.0.1:{port}" in lines[0] and "no broker answered" in lines[0], lines
    site.close()


def broker_that_is_away_does_not_keep_a_stop_from_ending():
    server = Broker()
    try:
        site = Site(server=server, commit_ms=20)
        site.fill(calls(0, 100))
        process = site.start()
        site.await_end(process)
        server.kill()
        time.sleep(0.5)
        assert site.stop(process) < 10
        server.start()
        process = site.start()
        site.fill(calls(100, 10))
        site.await_end(process)
        site.stop(process)
        site.check(110)
        site.close()
    finally:
        server.close()


def stop_in_an_abort_that_gets_no_answer_ends():
    """The broker goes away with a transaction open, the session ends, the abort is tried again and again: SIGTERM ends it."""
    server = Broker()
    try:
        site = Site(server=server, commit_ms=5000, kafka={"session.timeout.ms": "1000", "heartbeat.interval.ms": "200"})
        process = site.start()
        await_true(lambda: "event=running" in site.log(process), process=process)
        site.fill(calls(0, 100))
        await_true(lambda: site.dump("usage.billing.call", "uncommitted"), process=process)
        server.kill()
        await_true(lambda: "abort_transaction" in site.log(process), process=process)
        site.stop(process)
        server.start()
        process = site.start()
        site.await_end(process)
        site.stop(process)
        site.check(100)
        site.close()
    finally:
        server.close()


def missing_topic_is_named_with_the_remedy():
    site = Site(make=False)
    site.tool("make", site.topic, 1)
    process = site.start()
    assert process.wait(timeout=kafka.PATIENCE) == 1
    assert "winnow topics create" in site.log(process), site.log(process)
    site.close()


def several_partitions_without_affinity_are_refused():
    site = Site(partitions=2)
    process = site.start()
    assert process.wait(timeout=kafka.PATIENCE) != 0
    assert "affinity" in site.log(process), site.log(process)
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([
        broker_that_goes_away_and_comes_back_loses_nothing, stopped_process_aborts_what_others_took_over,
        batch_that_is_refused_pauses_its_partition_alone, fenced_once_begins_anew_and_twice_leaves,
        fatal_error_ends_the_process, broker_that_is_away_is_said_in_one_line,
        broker_that_is_away_does_not_keep_a_stop_from_ending, stop_in_an_abort_that_gets_no_answer_ends,
        missing_topic_is_named_with_the_remedy,
        several_partitions_without_affinity_are_refused]))
