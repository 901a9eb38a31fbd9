#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow run` under everything at once: killed, stopped, ended, joined and left, its broker killed, its commits' answers lost.

    chaos.py                     the short form, of a new seed
    chaos.py --seed 17           … of this one: the same events for each process and for the broker, in the same order
    chaos.py --long              the long form: at least 200 kills, 50 zombies, 50 broker bounces, 20 at each named point
    chaos.py --kills 10 --zombies 5 --bounces 5 --points 2 …          another size

Three lanes run at the same time, each with its own list of events: process a, process b, and the broker with the way to it. A
third process comes and goes in the last one. Afterwards a checker reads everything as read_committed. It prints the seed, and
figures as one table; exit status 1 where a record is lost, doubled or not accounted for, where a partition was paused (nothing
was taken from it), or where a process ended in another way than it was made to.
"""
import argparse
import collections
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "integration"))
import doors  # noqa: E402
import kafka  # noqa: E402
import proxy as P  # noqa: E402
import records  # noqa: E402

POINTS = ["after-produce", "after-state", "after-offsets", "in-commit", "before-merge", "in-restore", "in-seal", "in-runs"]
SESSION = 3.0
PARTITIONS = 4
PATIENCE = 120  # Seconds until a point is reached, or something is committed.


class Lane(threading.Thread):
    """One list of events, done one after another."""

    def __init__(self, chaos, name, events):
        super().__init__(daemon=True)
        self.chaos, self.name, self.events = chaos, name, events
        self.random = random.Random(f"{chaos.seed}-{name}")
        self.fault = None

    def run(self):
        try:
            for number, (what, *args) in enumerate(self.events):
                if self.chaos.over.is_set():
                    return
                self.chaos.say(f"{self.name}: {number + 1}/{len(self.events)} {what} {' '.join(map(str, args))}")
                getattr(self, what)(*args)
                time.sleep(self.random.uniform(0.1, 1.0))
                self.chaos.await_progress()
        except BaseException as fault:  # It is raised again where the lanes are joined.
            self.fault = fault
            self.chaos.over.set()  # For the other lanes, too.
            self.chaos.say(f"{self.name}: {fault!r}")


class ProcessLane(Lane):
    """Things that happen to one process of `winnow run`."""

    def __init__(self, chaos, name, events):
        super().__init__(chaos, name, events)
        self.process = None

    def ensure(self, **env):
        """Start it where it does not run; systemd would."""
        if self.process is not None and self.process.poll() is not None:
            self.chaos.count_end(self.process)
            self.process = None
        if self.process is None:
            self.process = self.chaos.start(self.name, **env)

    def end(self, number):
        self.ensure()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        if code not in (-number, 0, 1, 4):  # It may have ended by itself a moment before.
            raise AssertionError(f"{self.name}: status {code} after signal {number}, see {self.process.log}")
        if number == signal.SIGKILL and code != -number:
            self.chaos.count[f"ended by itself with {code}"] += 1
        if number == signal.SIGTERM:
            how = {0: "ended by SIGTERM", -number: "ended by SIGTERM before they were up"}
            self.chaos.count[how.get(code, f"ended by SIGTERM with {code}")] += 1
        self.process = None
        return code

    def kill(self):
        if self.end(signal.SIGKILL) == -signal.SIGKILL:
            self.chaos.count["kills"] += 1
        time.sleep(self.random.choice([0, 0, self.random.uniform(0, 1), SESSION + 1 if self.random.random() < 0.1 else 0]))
        self.ensure()

    def term(self):
        self.end(signal.SIGTERM)
        self.chaos.count["SIGTERM"] += 1
        time.sleep(self.random.choice([0, self.random.uniform(0, 1)]))
        self.ensure()

    def zombie(self):
        self.ensure()
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(SESSION + self.random.uniform(0.5, 4))
        self.process.send_signal(signal.SIGCONT)
        self.chaos.count["zombies"] += 1

    def _reach(self, variable, point):
        """Start it so that it is killed or held at a point. @return whether it came there."""
        self.ensure()
        self.end(self.random.choice([signal.SIGTERM, signal.SIGKILL]))
        nth = 1 if point in ("in-restore", "in-runs") else self.random.randrange(1, 4)
        self.ensure(**{variable: f"{point}:{nth}"})
        until, told = time.time() + PATIENCE, False
        while time.time() < until:
            if variable == "WINNOW_STOP_AT" and self.chaos.is_held(self.process):
                return True
            code = self.process.poll()
            if code == -signal.SIGKILL and variable == "WINNOW_KILL_AT":
                return True
            if code is not None:  # It ended without coming there: there was nothing to write, or no broker.
                self.chaos.count[f"ended by itself with {code}"] += code not in (0, -signal.SIGTERM)
                assert code in (0, 1, 4, -signal.SIGTERM), f"status {code}, see {self.process.log}"
                self.process = None
                return False
            if point == "in-runs" and not told and "event=running" in self.process.log.read_text():
                self.process.send_signal(signal.SIGTERM)  # It writes them at its end.
                told = True
            time.sleep(0.05)
        return False

    def kill_at(self, point):
        if self._reach("WINNOW_KILL_AT", point):
            self.chaos.count["kills"] += 1
            self.chaos.at[point]["kill"] += 1
            self.process = None
        else:
            self.chaos.count["points not reached"] += 1
            self.kill()
        self.ensure()

    def stop_at(self, point):
        if self._reach("WINNOW_STOP_AT", point):
            time.sleep(SESSION + self.random.uniform(0.5, 4))
            self.process.send_signal(signal.SIGCONT)
            self.chaos.count["zombies"] += 1
            self.chaos.at[point]["stop"] += 1
            if point == "in-runs":  # It was told to end.
                self.process.wait(timeout=PATIENCE)
                self.process = None
        else:
            self.chaos.count["points not reached"] += 1
        self.ensure()

    def finish(self):
        """The last one: its receipts are closed."""
        if self.process is not None and self.process.poll() is None:
            self.chaos.site.stop(self.process)
        elif self.process is not None:
            self.chaos.count_end(self.process)


class BrokerLane(Lane):
    """Things that happen to the broker and the way to it; and a third process that comes and goes."""

    def __init__(self, chaos, events):
        super().__init__(chaos, "broker", events)
        self.visitor = ProcessLane(chaos, "c", [])

    def bounce(self):
        self.chaos.server.kill()
        time.sleep(self.random.uniform(0, 1.5))
        self.chaos.server.start()
        self.chaos.count["broker bounces"] += 1

    def lose(self, how):
        loss = self.chaos.proxy.lose(P.END_TXN, how, after=self.random.uniform(0.2, 2))
        if not loss.done.wait(PATIENCE):
            self.chaos.proxy.forget(loss)
            self.chaos.count["points not reached"] += 1

    def visit(self):
        """It joins, gets partitions, leaves; what it had goes to the others when its session has ended."""
        self.visitor.ensure()
        process = self.visitor.process
        until = time.time() + PATIENCE
        while "event=assigned" not in process.log.read_text() and process.poll() is None and time.time() < until:
            time.sleep(0.1)
        time.sleep(self.random.uniform(0, 3))
        self.visitor.end(self.random.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGKILL]))
        self.chaos.count["visits (joined and left)"] += 1
        time.sleep(self.random.choice([0, SESSION + 1]))


class Chaos:
    def __init__(self, options):
        self.seed, self.options = options.seed, options
        self.count = collections.Counter()
        self.at = {point: collections.Counter() for point in POINTS}
        self.begun = time.time()
        self.over = threading.Event()  # Something failed.
        self.server = doors.ProxiedBroker()
        self.proxy = self.server.proxy
        self.site = doors.WaySite(
            server=self.server, partitions=PARTITIONS, affinity="session", commit_ms=60, receipt_records=1000, held=1500,
            kafka={"session.timeout.ms": str(int(SESSION * 1000)), "heartbeat.interval.ms": "300"},
            producer={"transaction.timeout.ms": "5000"})
        self.configs = {name: self.site.write_config(name) for name in "abc"}
        self.feeders = [records.Feeder(self.site, p, self.seed, options.rate) for p in range(PARTITIONS)]
        self.committed = 0
        self.follower = subprocess.Popen(
            [kafka.TOOL, self.server.address, "follow", self.site.group, self.site.topic, str(PARTITIONS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        for line in self.follower.stdout:
            self.committed = int(line)

    def say(self, text):
        if self.options.verbose:
            print(f"# {time.time() - self.begun:7.1f} {text}", flush=True)

    def start(self, name, **env):
        self.count["starts"] += 1
        return self.site.start(self.configs[name], **env)

    def count_end(self, process):
        """A process ended that nobody ended. Fenced twice, or the broker away for too long: systemd starts it again."""
        code = process.returncode
        if code not in (1, 4):
            raise AssertionError(f"status {code}, see {process.log}:\n{process.log.read_text()[-3000:]}")
        self.count[f"ended by itself with {code}"] += 1

    @staticmethod
    def is_held(process):
        try:
            return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
        except OSError:
            return False

    def await_progress(self):
        """Until something was committed since: else so many events at once let nothing through."""
        before, until = self.committed, time.time() + PATIENCE
        while self.committed <= before:
            if time.time() > until:
                self.count["nothing committed for a long time"] += 1
                return
            time.sleep(0.05)

    # ---- The events ----

    def plan(self):
        """@return the lanes with their events, all told by the seed."""
        options, dice = self.options, random.Random(f"{self.seed}-plan")
        own = [("zombie",)] * options.zombies + [("term",)] * options.terms
        for point in POINTS:
            own += [("kill_at", point)] * options.points + [("stop_at", point)] * options.stops
        at_points = options.points * len(POINTS)
        own += [("kill",)] * max(0, options.kills - at_points)
        dice.shuffle(own)
        around = [("bounce",)] * options.bounces + [("visit",)] * options.visits
        around += [("lose", how) for how in ("answer", "request", "late") for _ in range(options.losses)]
        dice.shuffle(around)
        return [ProcessLane(self, "a", own[::2]), ProcessLane(self, "b", own[1::2]), BrokerLane(self, around)]

    def run(self):
        lanes = self.plan()
        for lane in lanes[:2]:
            lane.ensure()
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        for lane in lanes:
            if lane.fault:
                raise lane.fault
        self.say("the events are over: the rest is worked off")
        for feeder in self.feeders:
            feeder.end()
        self.follower.stdin.close()
        self.await_end(lanes[:2])
        for lane in lanes[:2]:
            lane.finish()
        self.check()

    def await_end(self, lanes):
        """Until everything is committed."""
        ends = [self.site.end(p) for p in range(PARTITIONS)]
        until = time.time() + 4 * PATIENCE
        while [self.site.committed(p) for p in range(PARTITIONS)] != ends:
            if time.time() > until:
                raise AssertionError("the rest is not worked off: a partition stands still")
            for lane in lanes:
                lane.ensure()
            time.sleep(0.5)

    # ---- What must hold ----

    def check(self):
        self.say("checking")
        self.check_logs()
        want = records.truth(self.site)
        self.count.update({"records in": len(want.out) + want.duplicates + want.broken + want.conflicts, "records out": len(want.out),
                           "duplicates": want.duplicates, "broken": want.broken, "conflicts": want.conflicts})
        _, origins = self.site.mine()
        out = collections.Counter((partition, offset) for _, partition, offset, *_ in origins)
        lost, strange = want.out - set(out), set(out) - want.out
        doubled = [place for place, n in out.items() if n > 1]
        assert not (lost or strange or doubled), (
            f"{len(lost)} lost {sorted(lost)[:5]}, {len(doubled)} doubled {sorted(doubled)[:5]}, "
            f"{len(strange)} out that should not be {sorted(strange)[:5]}")
        sealed = len(self.site.dump_mine("winnow.quarantine"))
        assert sealed == want.broken + want.conflicts, f"{sealed} in quarantine, expected {want.broken + want.conflicts}"
        self.site.check(len(want.out), duplicates=want.duplicates, quarantined=want.broken + want.conflicts)
        self.count["receipts"] = sum(map(len, self.site.receipts().values()))

    def check_logs(self):
        for process in self.site.processes:
            for line in process.log.read_text(errors="replace").splitlines():
                for event in ("aborted", "begun-anew", "revoked", "left-open", "state-read-anew"):
                    self.count[f"event {event}"] += f" event={event}" in line
                assert "event=paused" not in line, f"{process.log}: a partition was paused: {line}"
                assert "reason=internal" not in line, f"{process.log}: {line}"

    def table(self):
        rows = [(name, self.count[name]) for name in sorted(self.count) if self.count[name]]
        rows += [(f"lost {how} of EndTxn", n) for how, n in sorted(self.proxy.lost.items())]
        rows += [(f"at {point}", f"{self.at[point]['kill']} kills, {self.at[point]['stop']} stops") for point in POINTS]
        rows.append(("seconds", round(time.time() - self.begun)))
        lines = [f"| seed {self.seed} | |", "|---|---|"] + [f"| {name} | {value} |" for name, value in rows]
        return "\n".join(lines)

    def close(self, keep):
        self.site.kill()
        for feeder in self.feeders:
            feeder.over.set()
            feeder.process.kill()
        self.follower.kill()
        if keep:
            print(f"# kept: {self.site.dir}, {self.server.dir}", flush=True)
            self.server.kill()
        else:
            self.site.close()
            self.server.close()


SIZES = {  # kills (those at points among them), zombies, SIGTERMs, bounces, losses of each kind, visits, kills and stops a point
    "short": {"kills": 10, "zombies": 1, "terms": 1, "bounces": 1, "losses": 1, "visits": 1, "points": 1, "stops": 0},
    "long": {"kills": 200, "zombies": 50, "terms": 30, "bounces": 50, "losses": 15, "visits": 20, "points": 14, "stops": 7},
}


def options_of(argv):
    parser = argparse.ArgumentParser(description="winnow run under chaos; see the top of this file")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", time.time_ns() % 10**6)))
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--rate", type=int, default=60, help="records a second and partition, about")
    parser.add_argument("--verbose", action="store_true", help="each event as it comes")
    parser.add_argument("--keep", action="store_true", help="keep folders and logs also where all is well")
    parser.add_argument("--clean", action="store_true", help="keep nothing, also where it failed")
    for name in SIZES["short"]:
        parser.add_argument(f"--{name}", type=int)
    options = parser.parse_args(argv)
    for name, value in SIZES["long" if options.long else "short"].items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def main(argv):
    options = options_of(argv)
    options.verbose = options.verbose or options.long
    print(f"# seed {options.seed}: chaos.py --seed {options.seed} "
          + " ".join(f"--{name} {getattr(options, name)}" for name in SIZES["short"]), flush=True)
    chaos = Chaos(options)
    failed = True
    try:
        chaos.run()
        failed = False
    finally:
        print(chaos.table(), flush=True)
        chaos.close((failed or options.keep) and not options.clean)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
