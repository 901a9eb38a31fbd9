#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster of three brokers, replication 3, min.insync.replicas 2: one is killed in the middle of a run, and nothing is lost
or doubled; with two away `winnow run` waits and says so, and goes on by itself when they are back."""
import concurrent.futures
import os
import sys
import time

import kafka as K

NODES = 3
VICTIMS = map(int, os.environ.get("VICTIMS", "0").split(","))  # VICTIMS=0,1,2: one after another.


class Cluster(K.Broker):
    """Three nodes, each broker and controller."""

    def __init__(self):
        self.ports = [K.free_port() for _ in range(NODES)]
        super().__init__(port=self.ports[0])
        self.address = ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def _format(self):
        """Each node formats its own storage when it starts."""

    def _node(self, verb, number):
        node = type("Node", (), {"dir": f"{self.dir}/{number}", "format_options": ()})
        voters = ",".join(f"{i + 1}@127.0.0.1:{port + 1}" for i, port in enumerate(self.ports))
        K.Broker._sh(node, verb, *([] if verb == "kill" else [
            self.ports[number], f"node.id={number + 1}", f"controller.quorum.voters={voters}",
            "broker.session.timeout.ms=4000", "broker.heartbeat.interval.ms=500",  # A busy machine's broker is not dead.
            *(f"{name}=3" for name in ("default.replication.factor", "offsets.topic.replication.factor",
                                       "transaction.state.log.replication.factor",
                                       "share.coordinator.state.topic.replication.factor")),
            *(f"{name}=2" for name in ("min.insync.replicas", "transaction.state.log.min.isr",
                                       "share.coordinator.state.topic.min.isr"))]))

    def start(self, numbers=range(NODES)):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda number: self._node("start", number), numbers))

    def kill(self, numbers=range(NODES)):
        for number in numbers:
            self._node("kill", number)


def feed(site, first, n):
    """Records on every partition, a few of them twice. @return how many are new, and how many are not."""
    for partition in range(site.partitions):
        records = K.calls(first + partition * 10**6, n)
        site.fill(records + records[:3], partition)
    return site.partitions * n, site.partitions * 3


def test_one_is_killed():
    site = K.Site(partitions=NODES, affinity="session", server=server, commit_ms=20, receipt_records=200)
    process = site.start()
    new = again = 0
    for victim in VICTIMS:
        for part in range(6):
            if part == 2:
                server.kill([victim])
            more = feed(site, new, 40)
            new, again = new + more[0], again + more[1]
        site.await_end(process)
        server.start([victim])
    site.await_end(process)
    site.stop(process)
    site.check(new, duplicates=again)
    site.close()


def test_two_are_away():
    site = K.Site(partitions=NODES, affinity="session", server=server, commit_ms=20)
    process = site.start()
    new, again = feed(site, 0, 100)
    site.await_end(process)
    server.kill([1, 2])
    said = len(site.log(process))
    K.await_true(lambda: "level=warning event=kafka" in site.log(process)[said:], process=process)
    server.start([1, 2])
    more = feed(site, 10**5, 100)
    site.await_end(process)
    assert process.poll() is None
    server.kill([0, 1])
    print(f"# SIGTERM with the brokers away: {site.stop(process):.1f} s", flush=True)
    server.start([0, 1])
    process = site.start()
    last = feed(site, 2 * 10**5, 20)
    site.await_end(process)
    site.stop(process)
    site.check(new + more[0] + last[0], duplicates=again + more[1] + last[1])
    site.close()


if __name__ == "__main__":
    begun = time.time()
    server = Cluster()
    print(f"# the cluster is up after {time.time() - begun:.1f} s", flush=True)
    try:
        status = K.main([test_one_is_killed, test_two_are_away])
    finally:
        server.close()
    sys.exit(status)
