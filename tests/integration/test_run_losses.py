#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More of what happens to a cluster under `winnow run`: things that expire, are deleted, are full, take too long, or are there twice.

What breaks the agreement of input, state and offset, one thing at a time, is in test_run_breaks.py; errors in test_run_errors.py.
"""
import resource
import signal
import subprocess
import sys
import time

import kafka
from kafka import Broker, Site, await_true, calls
from test_run_breaks import SHORT, accept, await_paused, begun, finish
from winnow import make_policy

STATE = "winnow.state.{0.group}.{0.topic}"


def await_gone(site):
    """Wait until the group has no member: the sessions of static members outlive them. Then forget its offsets."""
    def forgotten():
        try:
            site.tool("forget", site.group)
            return True
        except AssertionError:
            return False
    await_true(forgotten)


def expired_offsets_are_a_break():
    """A broker drops the offsets of a group that was stopped for a week: the head knows where to go on."""
    site = begun()
    await_gone(site)
    site.fill(calls(50, 100))
    process = site.start()
    await_paused(site, process, "offset-differs")
    accept(site, process)
    finish(site, process, 200, duplicates=50)


def expired_offsets_and_a_new_state_topic_are_no_genesis():
    """Neither offset nor head: receipts say that there was something. After the break it begins at the low watermark."""
    site = begun()
    await_gone(site)
    site.remake(STATE.format(site))
    process = site.start()
    await_paused(site, process, "state-lost")
    assert len(site.mine()[0]) == 100
    accept(site, process)
    site.await_end(process)
    site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == 100 and set(ids.values()) == {2}, "what the lost state knew is out again, as the person accepted"
    chain = site.receipts()[(site.topic, 0)]
    site.check_chain_numbers(chain)
    event, = (r for r, _ in chain if r.get("event"))
    assert event["event"]["refers"] == "state-lost" and event["inputs"][0]["last_offset"] == -1, event
    site.close()


def state_truncated_to_its_end_is_a_break():
    site = begun()
    state = STATE.format(site)
    site.tool("trim", state, 0, site.end(0, state))
    process = site.start()
    await_paused(site, process, "state-lost")
    accept(site, process)
    finish(site, process, 150)


def state_made_anew_under_a_running_worker_is_a_break():
    """It goes on to write, and the next start sees that the log does not begin where its head says."""
    site = Site(kafka=SHORT)
    site.fill(calls(0, 100))
    process = site.start()
    site.await_end(process)
    site.remake(STATE.format(site))
    site.fill(calls(100, 50))
    until = time.time() + kafka.PATIENCE
    while process.poll() is None and "event=paused" not in site.log(process) and site.committed() != site.end():
        assert time.time() < until
        time.sleep(0.1)
    process.kill()
    process.wait()
    import shutil
    shutil.rmtree(site.dir / "state-a", ignore_errors=True)
    process = site.start()
    await_paused(site, process, "state-lost")
    accept(site, process)
    site.await_end(process)
    finish(site, process, 200)


def state_of_another_number_of_partitions_is_not_read():
    """The input and its state were both given a partition more: keys lie elsewhere since."""
    site = begun(affinity="session")
    site.tool("grow", site.topic, 2)
    site.tool("grow", STATE.format(site), 2)
    site.fill(calls(100, 10), 0)
    process = site.start()
    await_paused(site, process, "partition-added")
    site.ctl("accept-break", "no", status=1)
    site.stop(process)
    assert len(site.mine()[0]) == 100
    site.close()


def another_duplicate_rule_does_not_take_up_the_state():
    site = begun()
    with kafka.W.scratch() as folder:
        site.policy = make_policy(folder + "/policy", change={
            "sources/freeswitch-json.yaml": lambda text: text.replace("duplicate_key: [", "duplicate_key: [start, ")})
        site.fill(calls(0, 10))
        process = site.start(site.write_config("a"))
        await_paused(site, process, "rule-changed")
        site.ctl("accept-break", "no", status=1)
        site.stop(process)
        site.policy = None
        process = site.start(site.write_config("a"))
        site.await_end(process)
        site.stop(process)
    site.check(100, duplicates=10)
    site.close()


def two_processes_of_one_name_do_no_harm():
    """Each fences the other; who is fenced twice leaves with 4, and says why."""
    site = Site(kafka=SHORT, commit_ms=30)
    twin = site.dir / "twin.yaml"
    twin.write_text(site.config.read_text().replace(f"{site.dir}/state-a", f"{site.dir}/state-twin"))
    site.fill(calls(0, 200))
    pair = [site.start(), site.start(twin)]
    number = 200
    until = time.time() + kafka.PATIENCE
    while all(p.poll() is None for p in pair):
        assert time.time() < until, "neither has left"
        site.fill(calls(number, 20))
        number += 20
        time.sleep(0.2)
    gone, = (p for p in pair if p.poll() is not None)
    assert gone.returncode == 4, site.log(gone)
    assert "another winnow uses the name" in site.log(gone), site.log(gone)
    other = next(p for p in pair if p is not gone)
    if other.poll() is None:
        other.kill()
        other.wait()
    process = site.start()
    site.await_end(process)
    site.fill(calls(number, 10))
    site.await_end(process)
    site.stop(process)
    site.check(number + 10)
    site.close()


SLOW = {"session.timeout.ms": "2000", "heartbeat.interval.ms": "300", "max.poll.interval.ms": "3000"}


def step_longer_than_the_poll_interval_gives_its_partitions_up():
    """The group takes them away; what was begun is aborted, and another process does it."""
    site = Site(kafka=SLOW, producer={"transaction.timeout.ms": "30000"})
    other = site.start(site.write_config("b"))  # It is there, and waits.
    await_true(lambda: "event=running" in site.log(other), process=other)
    process = site.start(WINNOW_SLEEP_AT="after-produce:8000")
    await_true(lambda: "event=running" in site.log(process), process=process)
    site.fill(calls(0, 100))
    site.await_end(other)
    await_true(lambda: "lost=yes" in site.log(process) or "event=begun-anew" in site.log(process)
               or "event=aborted" in site.log(process), process=process)
    site.fill(calls(100, 50))
    site.await_end(other)
    site.stop(process)
    site.stop(other)
    site.check(150)
    site.close()


def restore_longer_than_the_poll_interval_keeps_its_partitions():
    """It is another thread's: the loop polls on."""
    site = begun(partitions=1)
    process = site.start(site.write_config("a"), WINNOW_SLEEP_AT="in-restore:7000")
    site.kafka = SLOW
    process.kill()
    process.wait()
    process = site.start(site.write_config("a"), WINNOW_SLEEP_AT="in-restore:7000")
    await_true(lambda: "event=running" in site.log(process), process=process)
    assert "event=revoked" not in site.log(process) and site.log(process).count("event=assigned") == 1, site.log(process)
    site.fill(calls(100, 10))
    site.await_end(process)
    site.stop(process)
    site.check(110)
    site.close()


def deleted_output_topic_pauses_and_is_named():
    """Made again, it goes on; nothing was committed without it."""
    server = Broker()
    try:
        site = Site(server=server, kafka=SHORT, producer={"transaction.timeout.ms": "3000"})
        site.fill(calls(0, 50))
        process = site.start()
        site.await_end(process)
        site.tool("remove", "usage.billing.call")
        site.fill(calls(50, 50))
        found = await_paused(site, process, "batch-refused")
        assert "usage.billing.call" in found and "topics create" in found, found
        assert site.committed() == 50
        kafka.W.winnow("topics", "create", "--config", site.config, "--partitions", 4)
        site.ctl("resume")
        site.await_end(process)
        site.stop(process)
        ids, _ = site.mine()
        assert len(ids) == 50 and max(ids.values()) == 1, "the other half went with the topic"
        site.close()
    finally:
        server.close()


def deleted_input_topic_is_said_and_loses_nothing_else():
    site = Site(kafka=SHORT)
    site.fill(calls(0, 50))
    process = site.start()
    site.await_end(process)
    site.tool("remove", site.topic)
    await_true(lambda: process.poll() is not None or "event=read-failed" in site.log(process)
               or "event=paused" in site.log(process) or "UNKNOWN_TOPIC" in site.log(process)
               or "event=revoked" in site.log(process))
    if process.poll() is None:
        site.stop(process)
    ids, _ = site.mine()
    assert len(ids) == 50 and max(ids.values()) == 1
    process = site.start()
    assert process.wait(timeout=kafka.PATIENCE) == 1
    assert "topic-missing" in site.log(process) and site.topic in site.log(process), site.log(process)
    site.close()


def full_disk_of_the_broker_loses_nothing():
    """Its files may grow no further, so it gives its disk up and ends; with room again, everything goes on."""
    server = Broker("log.index.size.max.bytes=65536")
    try:
        site = Site(server=server, commit_ms=20)
        site.fill(calls(0, 200))
        process = site.start()
        site.await_end(process)
        pid = int(open(f"{server.dir}/pid").read())
        largest = max((p.stat().st_size for p in kafka.pathlib.Path(server.dir, "data").rglob("*.log")), default=0)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + 20000, resource.RLIM_INFINITY))
        filler = subprocess.Popen([kafka.TOOL, server.address, "fill", site.topic, "0"], stdin=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        filler.stdin.write("".join(r + "\n" for r in calls(200, 200)).encode())
        filler.stdin.close()
        await_true(lambda: not kafka.pathlib.Path(f"/proc/{pid}").exists()
                   or ") Z " in open(f"/proc/{pid}/stat").read())
        filler.send_signal(signal.SIGKILL)
        filler.wait()
        server.kill()
        server.start()
        site.fill(calls(200, 200))
        site.await_end(process)
        site.stop(process)
        total = site.end()
        site.check(400, duplicates=total - 400)
        site.close()
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(kafka.main([
        expired_offsets_are_a_break, expired_offsets_and_a_new_state_topic_are_no_genesis,
        state_truncated_to_its_end_is_a_break, state_made_anew_under_a_running_worker_is_a_break,
        state_of_another_number_of_partitions_is_not_read, another_duplicate_rule_does_not_take_up_the_state,
        two_processes_of_one_name_do_no_harm, step_longer_than_the_poll_interval_gives_its_partitions_up,
        restore_longer_than_the_poll_interval_keeps_its_partitions, deleted_output_topic_pauses_and_is_named,
        deleted_input_topic_is_said_and_loses_nothing_else, full_disk_of_the_broker_loses_nothing]))
