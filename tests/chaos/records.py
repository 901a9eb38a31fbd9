# SPDX-License-Identifier: Apache-2.0
"""Numbered records with known duplicates, conflicts and broken ones; and what must become of each, told from the input topic.

The truth is read from the topic and not from what was meant to be sent: a producer whose broker was killed does not know.
"""
import collections
import json
import random
import subprocess
import threading
import time

from kafka import TOOL, call


class Feeder:
    """Sends records to one partition, a few every moment, until it is told to end."""

    def __init__(self, site, partition, seed, rate):
        self.random = random.Random(f"{seed}-feed-{partition}")
        self.partition, self.rate, self.n = partition, rate, 0
        self.process = subprocess.Popen([TOOL, site.server.address, "fill", site.topic, str(partition)],
                                        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _number(self, n):
        return self.partition * 10**7 + n

    def _record(self):
        """One of a hundred is broken, one contradicts an earlier record, ten repeat one."""
        dice = self.random.random()
        old = self._number(max(0, self.n - 1 - self.random.randrange(0, 5000) % max(self.n, 1)))
        if dice < 0.01:
            return "{broken %d" % self.random.randrange(10**6)
        if self.n > 0 and dice < 0.02:
            return call(old, seconds=61)
        if self.n > 0 and dice < 0.12:
            return call(old)
        self.n += 1
        return call(self._number(self.n - 1))

    def _run(self):
        while not self.over.is_set():
            lines = [self._record() for _ in range(self.random.randrange(1, 2 * self.rate // 10))]
            try:
                self.process.stdin.write("".join(line + "\n" for line in lines).encode())
                self.process.stdin.flush()
            except OSError:
                return
            time.sleep(0.1)

    def end(self):
        self.over.set()
        self.thread.join()
        self.process.stdin.close()
        self.process.wait(timeout=300)


Truth = collections.namedtuple("Truth", "out duplicates broken conflicts")


def truth(site):
    """@return which (partition, offset) must be out, and how many records repeat, are broken or contradict."""
    out, known = set(), {}
    count = collections.Counter()
    for message in site.dump(site.topic):
        try:
            variables = json.loads(bytes.fromhex(message["value"]))["variables"]
        except ValueError:
            count["broken"] += 1
            continue
        key = (message["partition"], variables["uuid"])
        content = (variables["answer_uepoch"], variables["end_uepoch"], variables["billusec"])
        if key not in known:
            known[key] = content
            out.add((message["partition"], message["offset"]))
        else:
            count["duplicates" if known[key] == content else "conflicts"] += 1
    return Truth(out, count["duplicates"], count["broken"], count["conflicts"])
