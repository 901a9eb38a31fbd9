#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run, with one worker, against the bare transactional copy that writes the same number, size and topics of messages
(peers/copy.c), in turn, over the same input of a real broker.

    KAFKA_LIB=JARS run.py BUILD_DIR [--pairs N] [--records N] [--only plain|packed]

Prints one line a figure: name value unit (what). CPU is the client's, user and system, of the whole process (wait4): with
start, restore and end. Records a second count from the moment that the partition is read to the last commit.
"""
import argparse
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
PACK = 64  # Records a message, where they are packed.
SHAPES = {"plain": "one record a message", "packed": f"{PACK} records a message"}
USAGE, RECEIPTS = "usage.billing.call", "winnow.receipts"
LIMIT = 300  # Seconds that anything may take.


def await_true(what, condition, every):
    """Wait until a condition holds. @return what it gave."""
    until = time.monotonic() + LIMIT
    while not (value := condition()):
        if time.monotonic() > until:
            raise SystemExit(f"run.py: {what}: not in {LIMIT} s")
        time.sleep(every)
    return value


class Broker:
    """One node on loopback, in a folder that goes away with it."""

    def __init__(self, folder, tool):
        self.folder, self.binary = folder, tool
        port = 0
        while port == 0:
            with socket.socket() as one, socket.socket() as two:
                one.bind(("127.0.0.1", 0))
                try:  # The controller listens on the next one.
                    two.bind(("127.0.0.1", one.getsockname()[1] + 1))
                    port = one.getsockname()[1]
                except (OSError, OverflowError):
                    continue
        self.address = f"127.0.0.1:{port}"
        self.script("start", port)

    def script(self, verb, *more):
        subprocess.run(["sh", TOP / "tests/support/broker.sh", verb, self.folder, *map(str, more)], check=True)

    def tool(self, *args, **more):
        """@return what kafka-tool prints."""
        done = subprocess.run([self.binary, self.address, *map(str, args)], capture_output=True, check=False, **more)
        if done.returncode:
            raise SystemExit(f"kafka-tool {' '.join(map(str, args))}: {done.stderr.decode().strip()}")
        return done.stdout.decode()

    def dump(self, topic, most=None):
        """Give the messages of a topic, at most so many."""
        with subprocess.Popen([self.binary, self.address, "dump", topic], stdout=subprocess.PIPE) as process:
            for number, line in enumerate(process.stdout):
                if number == most:
                    process.kill()
                    break
                yield json.loads(line)

    def anew(self, *topics):
        """Make topics of so many partitions, empty: {name: partitions}."""
        for name, partitions in topics:
            subprocess.run([self.binary, self.address, "remove", name], stderr=subprocess.DEVNULL, check=False)
            self.tool("make", name, partitions)

    def remove(self, *topics):
        for name in topics:
            self.tool("remove", name)


class Finished:
    """A process that ended: CPU [s] and largest resident set [MiB]."""

    def __init__(self, process, command):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command}: status {process.returncode}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.rss = usage.ru_maxrss / 1024
        self.seconds = 0.0


class Bench:
    def __init__(self, arguments, folder):
        self.build = pathlib.Path(arguments.build).resolve()
        self.winnow = self.build / "src" / "winnow"
        self.records, self.pairs = arguments.records, arguments.pairs
        self.folder = folder
        self.runs = 0
        tool = os.environ.get("KAFKA_TOOL") or next(iter(sorted(self.build.glob("tests/**/kafka-tool"))), None)
        if not tool:
            raise SystemExit(f"run.py: no kafka-tool below {self.build}/tests; build with the tests")
        self.broker = Broker(folder / "broker", tool)
        self.policy = folder / "policy"
        shutil.copytree(TOP / "schemas", self.policy)
        shutil.copy(TOP / "bench/sources/flat-json.yaml", self.policy / "sources")
        subprocess.run([self.winnow, "keys", "init", "--keys", folder / "keys", "--policy", self.policy], check=True,
                       stdout=subprocess.DEVNULL)

    def fill(self, shape):
        """Write the input topic. @return its name; `self.n_in` is the number of records."""
        topic = f"bench.{shape}"
        self.broker.anew((topic, 1))
        data = self.folder / "records"
        with open(data, "wb") as out:
            subprocess.run([self.build / "bench/generate", "flat", str(self.records)], stdout=out, check=True)
        with open(data, "rb") as lines:
            self.n_in = sum(1 for _ in lines)
        if shape == "packed":
            packs = self.folder / "packs"
            with open(data, "rb") as lines, open(packs, "wb") as out:
                while pack := b"".join(itertools.islice(lines, PACK)):
                    out.write(struct.pack(">I", len(pack)) + pack)
            packs.rename(data)
        with open(data, "rb") as stdin:
            self.broker.tool("pack" if shape == "packed" else "fill", topic, 0, stdin=stdin)
        data.unlink()
        return topic

    def configure(self, topic):
        """Write a configuration with a group of its own. @return (path, group, state topic)."""
        self.runs += 1
        group = f"bench-{self.runs}"
        path = self.folder / f"{group}.yaml"
        path.write_text(f"""policy: {self.policy}
keys: {{dir: {self.folder}/keys}}
limits: {{lateness: 3650d}}
kafka: {{bootstrap.servers: "{self.broker.address}"}}
http: off
group: {group}
instance: one
inputs: [{{topic: {topic}, source: flat-json}}]
run: {{state: {self.folder}/state-{self.runs}}}
""")
        return path, group, f"winnow.state.{group}.{topic}"

    def run(self, topic):
        """Measure `winnow run` from an empty state. @return how it finished; the outputs stay for look()."""
        config, group, state = self.configure(topic)
        subprocess.run([self.winnow, "topics", "create", "--config", config], check=True, stdout=subprocess.DEVNULL)
        end = self.broker.tool("ends", topic, 0).split()[1]
        log = self.folder / "log"
        command = [self.winnow, "run", "--config", config]
        with open(log, "w", encoding="utf-8") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)

        def alive(condition):
            if process.poll() is not None:
                raise SystemExit(f"winnow run ended: {log.read_text()}")
            return condition()

        await_true("start", lambda: alive(lambda: "running partition=" in log.read_text()), 0.002)
        begin_ms = time.time() * 1e3
        await_true("end", lambda: alive(lambda: self.broker.tool("group", group, topic, 0).strip() == end), 0.2)
        seen_ms = time.time() * 1e3
        process.send_signal(signal.SIGTERM)
        finished = Finished(process, command)
        # The head is a transaction's last message; that of SIGTERM does not count.
        heads = [m["timestamp"] for m in self.broker.dump(state) if m["timestamp"] <= seen_ms]
        finished.seconds = (max(heads) - begin_ms) / 1e3
        self.broker.remove(state)
        shutil.rmtree(self.folder / f"state-{self.runs}")
        return finished

    def look(self):
        """See what a run wrote, for the copy to write as much."""
        sizes = [len(m["value"]) // 2 for m in self.broker.dump(USAGE, 100000)]
        receipts = [bytes.fromhex(m["value"]) for m in self.broker.dump(RECEIPTS)]
        self.octets = round(statistics.mean(sizes))
        self.receipt_octets = min(round(statistics.mean(map(len, receipts))), 4096)
        counts = [json.loads(r) for r in receipts]
        self.n_out = sum(c["purposes"]["billing"]["out"] for c in counts)
        n_in = sum(c["in"] for c in counts)
        if n_in != self.n_in or self.n_out == 0:
            raise SystemExit(f"run.py: {self.n_in} records went in, the receipts say {n_in} and {self.n_out} out")

    def copy(self, topic):
        """Measure the bare copy. @return how it finished."""
        self.broker.anew(("copy.usage", 12), ("copy.state", 1), ("copy.receipts", 1))
        command = [self.build / "bench/copy", self.broker.address, topic, self.n_in, "copy.usage", self.n_out, self.octets,
                   "copy.state", "copy.receipts", self.receipt_octets]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE)
        said = process.stdout.read().decode()
        finished = Finished(process, command)
        finished.seconds = float(said.split()[-2])
        return finished

    def measure(self, shape):
        topic = self.fill(shape)
        ours, peers = [], []
        for pair in range(self.pairs):
            ours.append(self.run(topic))
            if pair == 0:
                self.look()
            self.broker.remove(USAGE, RECEIPTS)  # Receipts of an input whose group is new are a break.
            peers.append(self.copy(topic))
        self.broker.remove(topic, "copy.usage", "copy.state", "copy.receipts")
        self.report(shape, ours, peers)

    def report(self, shape, ours, peers):
        what = SHAPES[shape]
        print(f"{shape}_input {self.n_in} records ({what}; {self.n_out} go out with {self.octets} octets)")
        for name, side in (("run", ours), ("copy", peers)):
            cpu = [f.cpu / self.n_in * 1e6 for f in side]
            rate = [self.n_in / f.seconds for f in side]
            print(f"{shape}_{name}_cpu {statistics.median(cpu):.2f} us/record (client, median of {len(cpu)}; "
                  f"best {min(cpu):.2f})")
            print(f"{shape}_{name}_rate {statistics.median(rate):.0f} records/s (median; best {max(rate):.0f})")
            print(f"{shape}_{name}_rss {max(f.rss for f in side):.0f} MiB (largest resident set)")
        ratio = [o.cpu / p.cpu for o, p in zip(ours, peers)]
        rate = [p.seconds / o.seconds for o, p in zip(ours, peers)]
        print(f"{shape}_run_over_copy {statistics.median(ratio):.2f} x (client CPU, median of pairs; "
              f"{min(ratio):.2f} to {max(ratio):.2f})")
        print(f"{shape}_rate_of_copy {statistics.median(rate):.2f} x (records/s of run over the copy's, median of pairs)",
              flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--records", type=int, default=1000000)
    parser.add_argument("--only", choices=SHAPES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        try:
            for shape in SHAPES:
                if arguments.only in (None, shape):
                    bench.measure(shape)
        finally:
            bench.broker.script("kill")
    return 0


if __name__ == "__main__":
    sys.exit(main())
