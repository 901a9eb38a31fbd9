#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow run` is killed (-9): twenty times at random moments, five times at each named point.

Afterwards every record is out once, the receipts say so, and their chain is unbroken.
"""
import os
import random
import shutil
import signal
import sys
import time

import kafka
from kafka import Site, await_true, calls

POINTS = ["after-produce", "after-state", "after-offsets", "in-commit", "before-merge", "in-restore"]
SEED = int(os.environ.get("SEED", time.time_ns() % 100000))


class Feed:
    """Ever new records and repetitions of old ones, on two partitions; a record always on the same one."""

    def __init__(self, site):
        self.site, self.n, self.repeated = site, 0, 0

    def send(self, n):
        repeats = min(self.n, n // 5)
        for partition in (0, 1):
            fresh = calls(self.n + partition * 10**6, n)
            old = calls(partition * 10**6, repeats)
            self.site.fill(fresh + old, partition)
        self.n += n
        self.repeated += 2 * repeats

    def finish(self):
        """Let one more process do the rest, then check everything."""
        self.send(10)
        process = self.site.start()
        self.site.await_end(process)
        self.site.stop(process)
        self.site.check(2 * self.n, duplicates=self.repeated)
        self.site.close()


def survives_kills_at_random_moments():
    site = Site(partitions=2, affinity="session", commit_ms=20, receipt_records=300)
    feed = Feed(site)
    moments = random.Random(SEED)
    for _ in range(20):
        feed.send(100)
        process = site.start()
        await_true(lambda: "event=running" in site.log(process), process=process, every=0.01)
        if moments.random() < 0.3:
            feed.send(50)
        time.sleep(moments.uniform(0, 0.25))
        process.kill()
        process.wait()
    feed.finish()


def kills_at(point):
    def test():
        site = Site(partitions=2, affinity="session", commit_ms=20, receipt_records=300)
        feed = Feed(site)
        if point == "in-restore":
            feed.send(20)
            process = site.start()
            site.await_end(process)
            site.stop(process)
        for number in range(1, 6):
            feed.send(60)
            if number == 3:  # What is kept on disk is not needed.
                shutil.rmtree(site.dir / "state-a", ignore_errors=True)
            process = site.start(kill_at=f"{point}:{1 + number % 2}")
            begun = time.time()
            while process.poll() is None and time.time() - begun < 30:
                feed.send(5)  # A second transaction, where the second is the one.
                time.sleep(0.05)
            assert process.poll() == -signal.SIGKILL, f"{point}: status {process.poll()}\n{site.log(process)[-2000:]}"
        feed.finish()

    test.__name__ = "survives_kills_" + point.replace("-", "_")
    return test


if __name__ == "__main__":
    print(f"# SEED={SEED}", flush=True)
    sys.exit(kafka.main([survives_kills_at_random_moments, *map(kills_at, POINTS)]))
