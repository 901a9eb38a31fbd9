#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several workers a process and several processes a group, against a real broker: partitions move between both, and each record
comes out once, with receipts that say so."""
import pathlib
import re
import signal
import sys

import kafka
from kafka import Site, await_true, calls
from test_run_http import ANY_PORT, get, port_of, ready
from test_run_reload import NEW_FIELD, Policy
from test_service import Manager

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402

PARTITIONS = 4


def make_site(workers=2, **more):
    return Site(partitions=PARTITIONS, affinity="session", workers=workers, **more)


class Feed:
    """Ever new records and repetitions of the first ones, on all partitions; a record always on the same one."""

    def __init__(self, site):
        self.site, self.n, self.repeated = site, 0, 0

    def send(self, n=50):
        repeats = min(self.n, n // 5)
        for partition in range(PARTITIONS):
            self.site.fill(calls(self.n + partition * 10**6, n) + calls(partition * 10**6, repeats), partition)
        self.n += n
        self.repeated += PARTITIONS * repeats

    def check(self):
        self.site.check(PARTITIONS * self.n, duplicates=self.repeated)


def owners(site, config=None):
    """@return {partition: worker} of those that run in the process of a configuration."""
    found = re.findall(rf"^{re.escape(site.topic)}\[(\d)\] running worker=(\d)", site.status(config), re.MULTILINE)
    return {int(partition): int(worker) for partition, worker in found}


def await_owned(site, n, process, config=None):
    """Wait until a process runs so many partitions. @return {partition: worker}."""
    await_true(lambda: len(owners(site, config)) == n, process=process)
    return owners(site, config)


def runs(site, process, since=0):
    """@return what the log says of each partition that began to run: (partition, worker, kept, messages read)."""
    lines = site.log(process)[since:]
    return [(int(p), int(w), kept == "yes", int(read)) for p, w, kept, read in re.findall(
        r"event=running partition=\S+\[(\d)\] worker=(\d) .*kept=(\w+) read=(\d+)", lines)]


def two_workers_share_four_partitions():
    """Status, metrics, page, service manager and receipts speak of both."""
    site = make_site(http=ANY_PORT)
    manager = Manager()
    feed = Feed(site)
    feed.send(200)
    process = site.start(**manager.environment)
    port = port_of(site, process)
    manager.hear("READY=1")
    manager.hear("STATUS=4 of 4 partitions running")
    assert sum("READY=1" in told for told in manager.heard) == 1
    site.await_end(process)
    ready(port, process)
    assert sorted(owners(site).values()) == [1, 1, 2, 2], site.status()
    lines = site.status().splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["ok", f"{site.group}-a-1"], [f"{site.group}-a-2", lines[1].split()[1]]], lines
    assert sum(line.startswith("policy id=") for line in lines) == 1, lines
    metrics = get(port, "/metrics")[1]
    counts = re.findall(rf'winnow_records_total{{worker="(\d)",topic="{site.topic}"}} (\d+)', metrics)
    assert [worker for worker, _ in counts] == ["1", "2"] and sum(int(n) for _, n in counts) == PARTITIONS * 200, counts
    page = get(port, "/")[1]
    assert f"{site.group}-a-1" in page and f"{site.group}-a-2" in page
    for _ in range(3):
        manager.hear("WATCHDOG=1")
    feed.send(200)
    site.await_end(process)
    site.stop(process)
    feed.check()
    manager.close()
    site.close()


def orders_reach_the_worker_that_is_meant():
    site = make_site()
    feed = Feed(site)
    process = site.start()
    feed.send(100)
    site.await_end(process)
    await_true(lambda: sorted(owners(site).values()) == [1, 1, 2, 2], process=process)
    for partition in range(PARTITIONS):
        site.ctl("pause", site.topic, partition, "of a test")
    assert site.status().count("reason=by-hand") == PARTITIONS
    done = W.winnow("ctl", "--config", site.config, "resume", status=1)
    assert "4 partitions wait; name one" in done.stderr, done.stderr
    done = W.winnow("ctl", "--config", site.config, "resume", "--partition", f"{site.topic}:7", status=1)
    assert "waits for that" in done.stderr, done.stderr
    site.ctl("resume", "--partition", f"{site.topic}:3")
    await_true(lambda: list(owners(site)) == [3], process=process)
    feed.send(100)
    site.await_end(process, [3])
    said = site.ctl("resume", "--all")
    assert said.count("goes on") == 3 and said.count("ok\n") == 1, said
    site.await_end(process)
    site.stop(process)
    feed.check()
    site.close()


def plan_is_taken_by_all():
    """SIGHUP: once in the log, in the receipts of each partition; a wrong one changes nothing for any."""
    policy = Policy()
    site = make_site(policy=policy.path)
    feed = Feed(site)
    feed.send()
    process = site.start()
    site.await_end(process)
    policy.edit(policy.source, "duplicate_key: [node, ", "duplicate_key: [")
    await_true(lambda: "event=source-refused" in site.log(process), process=process)
    policy.restore()
    policy.edit(policy.path / "call.avsc", *NEW_FIELD)
    process.send_signal(signal.SIGHUP)
    await_true(lambda: "event=policy-read" in site.log(process), process=process)
    feed.send()
    site.await_end(process)
    site.stop(process)
    feed.check()
    assert site.log(process).count("event=policy-read") == 1
    for (_, partition), chain in site.receipts().items():
        assert len({receipt["policy"] for receipt, _ in chain}) == 2, f"partition {partition}"
    site.close()
    policy.close()


def processes_come_and_go():
    """Two processes of two workers; one is stopped, the other killed, a third joins, with records all the time."""
    site = make_site(commit_ms=20, receipt_records=300)
    b, c = site.write_config("b"), site.write_config("c")
    feed = Feed(site)
    feed.send(100)
    first = site.start()
    await_owned(site, 4, first)
    second = site.start(b)
    await_owned(site, 2, second, b)
    await_owned(site, 2, first)
    feed.send(100)
    site.await_end(first)
    site.stop(second)  # A static member keeps its place until its session ends.
    feed.send(100)
    await_owned(site, 4, first)
    site.await_end(first)
    third = site.start(c)
    await_owned(site, 2, third, c)
    feed.send(100)
    first.kill()  # In the flow, with transactions open.
    first.wait()
    feed.send(100)
    await_owned(site, 4, third, c)
    site.await_end(third)
    again = site.start()  # It comes back under its names.
    await_owned(site, 2, again)
    feed.send(100)
    site.await_end(again)
    site.stop(again)
    site.stop(third)
    feed.check()
    site.close()


def only_the_delta_is_read():
    """A partition that comes back to a process, to whichever worker, brings its state along: what was written since is read."""
    site = make_site(commit_ms=20)
    b = site.write_config("b")
    feed = Feed(site)
    first = site.start()
    before = await_owned(site, 4, first)
    for _ in range(15):  # As many transactions a partition, at least.
        feed.send(20)
        site.await_end(first)
    state = f"winnow.state.{site.group}.{site.topic}"
    ends = {p: site.end(p, state) for p in range(PARTITIONS)}
    assert min(ends.values()) >= 30, ends
    mark = len(site.log(first))
    second = site.start(b)
    await_owned(site, 2, second, b)
    kept_here = await_owned(site, 2, first)
    moved_inside = [p for p, worker in kept_here.items() if before[p] != worker]
    assert moved_inside, f"no partition went from one worker to the other: {before} {kept_here}"
    for partition, _, kept, read in runs(site, first, mark):
        assert kept and read <= 1 + site.end(partition, state) - ends[partition], f"partition {partition}: {read} messages read"
    assert all(read > 15 for _, _, kept, read in runs(site, second) if not kept), "it had to read them all"
    feed.send(20)
    site.await_end(first)
    mark = len(site.log(first))
    site.stop(second)
    await_owned(site, 4, first)
    for partition, _, kept, read in runs(site, first, mark):
        since = site.end(partition, state) - ends[partition]
        assert kept and read <= 1 + since, f"partition {partition}: {read} messages read, {since} were written since"
        assert read < ends[partition] // 2, "the whole log was read"
    assert {p for p, *_ in runs(site, first, mark)} == set(range(PARTITIONS))
    feed.send(20)
    site.await_end(first)
    site.stop(first)
    feed.check()
    site.close()


def a_long_restore_blocks_no_loop():
    """It takes longer than a member may stay away from its loop: nobody is put out of the group, orders are answered."""
    site = make_site(kafka={"max.poll.interval.ms": "7000"}, http=ANY_PORT)
    feed = Feed(site)
    feed.send()
    process = site.start()
    site.await_end(process)
    site.stop(process)
    for instance in site.dir.glob("state-*"):
        for run in instance.rglob("*.run"):
            run.unlink()
    feed.send()
    process = site.start(WINNOW_SLEEP_AT="in-restore:20000")  # One thread that restores, at its first message.
    port = port_of(site, process)
    await_true(lambda: " restoring " in site.status() and len(owners(site)) >= 2, process=process)
    asleep = next(int(p) for p in re.findall(rf"{re.escape(site.topic)}\[(\d)\] restoring", site.status()))
    others = [p for p in owners(site)]
    site.await_end(process, others)  # The other worker's.
    assert " restoring " in site.status() and get(port, "/healthz")[0] == 200
    await_owned(site, 4, process)
    site.await_end(process)
    log = site.log(process)
    assert log.count("event=revoked") == 0 and log.count("event=assigned") <= 4, log
    assert asleep in {p for p, *_ in runs(site, process)}
    site.stop(process)
    feed.check()
    site.close()


def one_that_ends_ends_all():
    """A process with one worker takes the first name of another one with two: where both live, one is fenced for good, exit 4."""
    site = make_site(commit_ms=20)
    site.run_settings["workers"] = 1
    twin = site.write_config("a-twin")
    twin.write_text(twin.read_text().replace("instance: a-twin", "instance: a"))
    site.run_settings["workers"] = 2
    feed = Feed(site)
    feed.send()
    first = site.start()
    await_owned(site, 4, first)
    second = site.start(twin)
    rounds = 0
    while first.poll() is None and second.poll() is None:
        feed.send(10)
        rounds += 1
        assert rounds < 500, "neither ended"
    loser, winner = (first, second) if first.poll() is not None else (second, first)
    assert loser.wait() == 4, site.log(loser)[-3000:]
    log = site.log(loser)
    assert "another winnow uses the name" in log and "event=worker-ended worker=1 reason=name-taken" in log, log[-3000:]
    feed.send()
    site.await_end(winner)
    site.stop(winner)
    feed.check()
    site.close()


def a_worker_that_is_killed_in_a_move_loses_nothing():
    """Killed while it puts its partitions down for a process that joins, and while it restores what it got."""
    site = make_site(commit_ms=20, receipt_records=200)
    b = site.write_config("b")
    feed = Feed(site)
    feed.send(100)
    for point in ("after-offsets", "in-commit", "before-merge"):
        first = site.start()
        await_owned(site, 4, first)
        first.send_signal(signal.SIGSTOP)  # What it does next is to finish for the one that joins.
        second = site.start(b, kill_at="in-restore:2")
        feed.send(30)
        first.send_signal(signal.SIGCONT)
        await_true(lambda: second.poll() is not None)
        assert second.returncode == -signal.SIGKILL, site.log(second)[-2000:]
        first.kill()
        first.wait()
        third = site.start(b, kill_at=f"{point}:2")
        feed.send(30)
        rounds = 0
        while third.poll() is None:
            feed.send(5)
            rounds += 1
            assert rounds < 500, site.log(third)[-2000:]
        assert third.returncode == -signal.SIGKILL, site.log(third)[-2000:]
    last = site.start()
    await_owned(site, 4, last)
    site.await_end(last)
    site.stop(last)
    feed.check()
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([two_workers_share_four_partitions, orders_reach_the_worker_that_is_meant, plan_is_taken_by_all,
                         processes_come_and_go, only_the_delta_is_read, a_long_restore_blocks_no_loop, one_that_ends_ends_all,
                         a_worker_that_is_killed_in_a_move_loses_nothing]))
