#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `winnow run` shows over HTTP, against a real broker: metrics that are true, health, readiness, the page in a real browser
where there is one (Chromium), clients that are slow or many, a port that is taken, a broker that is away."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import kafka
from kafka import Site, await_true, call, calls

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402

ANY_PORT = "{listen: 127.0.0.1:0}"
PATHS = ("/", "/metrics", "/healthz", "/readyz")


def port_of(site, process):
    """@return the port that was logged."""
    await_true(lambda: "event=listening" in site.log(process), process=process)
    return int(re.search(r"event=listening .*port=(\d+)", site.log(process))[1])


def get(port, path):
    """@return status and text."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=kafka.PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def metrics(port):
    """@return {name and labels but the worker's: number}."""
    status, text = get(port, "/metrics")
    assert status == 200
    samples = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, number = line.rsplit(" ", 1)
            name = name.replace('worker="1",', "").replace('{worker="1"}', "")
            assert name not in samples, f"twice: {name}"
            samples[name] = float(number)
    return samples


def ready(port, process):
    await_true(lambda: get(port, "/readyz")[0] == 200, process=process)


def says_what_receipts_say():
    site = Site(partitions=2, affinity="session", http=ANY_PORT)
    site.fill(calls(0, 300) + calls(0, 40) + [call(9000 + i, billusec="x") for i in range(7)], 0)
    site.fill(calls(1000, 50) + [call(9500 + i, answer_uepoch="0") for i in range(5)], 1)
    process = site.start()
    port = port_of(site, process)
    assert get(port, "/healthz") == (200, "ok\n")
    ready(port, process)
    site.await_end(process)
    topic = f'topic="{site.topic}"'
    await_true(lambda: metrics(port).get(f'winnow_lag_offsets{{{topic},partition="1"}}') == 0, process=process)
    found = metrics(port)
    site.stop(process)
    receipts = [r for chain in site.receipts().values() for r, _ in chain]

    def verdict(name, reason=""):
        return found[f'winnow_verdicts_total{{{topic},verdict="{name}",reason="{reason}"}}']

    assert verdict("passed") == sum(r["passed"] for r in receipts) == 350
    assert verdict("duplicate") == sum(r["duplicates"] for r in receipts) == 40
    for fate in ("filtered", "quarantined"):
        counts = {}
        for receipt in receipts:
            for reason, n in receipt.get(fate, {}).items():
                counts[reason] = counts.get(reason, 0) + n
        shown = {re.search(r'reason="([^"]*)"', k)[1]: v for k, v in found.items() if f'verdict="{fate}"' in k and v > 0}
        assert shown == counts and counts, f"{fate}: shown {shown}, receipts {counts}"
    total = sum(v for k, v in found.items() if k.startswith("winnow_verdicts_total"))
    assert found[f"winnow_records_total{{{topic}}}"] == total == 402
    assert found[f'winnow_usage_records_total{{{topic},purpose="billing",fate="out",reason=""}}'] == 350
    assert found[f'winnow_next_offset{{{topic},partition="0"}}'] == 347
    assert found[f'winnow_partitions{{state="running"}}'] == 2 and found["winnow_ready"] == 1
    assert found["winnow_commits_total"] >= 1 and found["winnow_transaction_age_seconds"] < 10
    assert found['winnow_keys_until_seconds{purpose="insight"}'] > 0
    site.close()


def shows_a_paused_partition():
    site = Site(http=ANY_PORT)
    site.fill(calls(0, 1000))
    process = site.start()
    port = port_of(site, process)
    site.await_end(process)
    site.fill([call(20000 + i, billusec="KANARIE00") for i in range(300)])
    paused = f'winnow_partition_paused{{topic="{site.topic}",partition="0",reason="poison"}}'
    await_true(lambda: paused in metrics(port), process=process)
    status, text = get(port, "/readyz")
    assert status == 503 and text == f"worker 1: {site.topic}[0] is paused: poison\n", text
    assert get(port, "/healthz")[0] == 200, "it is alive"
    assert metrics(port)['winnow_aborts_total{class="pauses"}'] == 1
    page = get(port, "/")[1]
    assert "Not ready" in page and "<code>poison</code>" in page
    assert all("KANARIE" not in get(port, path)[1] for path in PATHS)
    await_true(lambda: metrics(port).get(f'winnow_lag_offsets{{topic="{site.topic}",partition="0"}}') == 300, process=process)
    site.ctl("resume")
    site.await_end(process)
    ready(port, process)
    await_true(lambda: paused not in metrics(port), process=process)
    site.stop(process)
    site.close()


def shows_a_writer_that_hangs():
    site = Site(http=ANY_PORT)
    site.fill(calls(0, 10))
    process = site.start()
    port = port_of(site, process)
    site.await_end(process)
    ready(port, process)
    writer = subprocess.Popen([kafka.TOOL, site.server.address, "fill-txn", site.topic, "0", f"writer-{site.name}"],
                              stdin=subprocess.PIPE)
    writer.stdin.write(call(500).encode() + b"\n")
    writer.stdin.flush()  # It waits for more, and its transaction is open.
    try:
        unstable = f'winnow_unstable_offsets{{topic="{site.topic}",partition="0"}}'
        await_true(lambda: metrics(port).get(unstable, 0) > 0, process=process)
    finally:
        writer.kill()
        writer.wait()
    site.stop(process)
    site.close()


def says_that_the_brokers_are_away():
    server = kafka.Broker()
    try:
        site = Site(http=ANY_PORT, server=server)
        site.fill(calls(0, 10))
        process = site.start()
        port = port_of(site, process)
        site.await_end(process)
        lag = f'winnow_lag_offsets{{topic="{site.topic}",partition="0"}}'
        await_true(lambda: lag in metrics(port), process=process)
        server.kill()
        await_true(lambda: lag not in metrics(port), process=process)
        assert get(port, "/healthz")[0] == 200, "it waits, and is alive"
        server.start()
        await_true(lambda: lag in metrics(port), process=process)
        site.fill(calls(100, 10))
        site.await_end(process)
        ready(port, process)
        site.stop(process)
        site.check(20)
        site.close()
    finally:
        server.close()


def ends_where_the_port_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        site = Site(http=f"{{listen: 127.0.0.1:{taken.getsockname()[1]}}}")
        process = site.start()
        assert process.wait(timeout=kafka.PATIENCE) == 2
        log = site.log(process)
        assert f"{site.config}: http: listen: 127.0.0.1:" in log and "http: off" in log, log
        site.close()


def slow_and_many_clients_cost_themselves():
    site = Site(http=ANY_PORT)
    site.fill(calls(0, 10))
    process = site.start()
    port = port_of(site, process)
    ready(port, process)
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
    for connection in slow:
        connection.settimeout(0.5)
        connection.sendall(b"GET /metrics HTTP/1.1\r\nA: ")
    gone = set()
    for _ in range(120):  # An octet now and then, for ever: each is cut all the same.
        for number, connection in enumerate(slow):
            try:
                connection.sendall(b"a")
                connection.setblocking(False)
                if number not in gone and connection.recv(4096) == b"":
                    gone.add(number)
            except BlockingIOError:
                pass
            except OSError:
                gone.add(number)
        if len(gone) == len(slow):
            break
        time.sleep(0.5)
    assert len(gone) == len(slow), f"{len(slow) - len(gone)} of {len(slow)} are still here"
    assert get(port, "/healthz") == (200, "ok\n")
    site.fill(calls(100, 10))
    site.await_end(process)
    descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))
    for _ in range(200):
        get(port, "/healthz")
    await_true(lambda: len(os.listdir(f"/proc/{process.pid}/fd")) <= descriptors + 2, process=process)
    site.stop(process)
    site.check(20)
    site.close()


def prometheus_and_a_browser_read_it():
    site = Site(partitions=2, affinity="session", http=ANY_PORT)
    site.fill(calls(0, 30), 0)
    process = site.start()
    port = port_of(site, process)
    site.await_end(process)
    ready(port, process)
    promtool = shutil.which("promtool")
    if promtool:
        done = subprocess.run([promtool, "check", "metrics"], input=get(port, "/metrics")[1], text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    chromium = shutil.which("chromium")
    if chromium:
        folder = site.dir / "chromium"
        common = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}", "--disable-background-networking"]
        done = subprocess.run([*common, "--dump-dom", f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=kafka.PATIENCE)
        assert "Ready: assigned and committing." in done.stdout and f"{site.topic}[1]" in done.stdout, done.stderr[-2000:]
        picture = site.dir / "page.png"
        subprocess.run([*common, "--window-size=1100,900", f"--screenshot={picture}", f"http://127.0.0.1:{port}/"],
                       capture_output=True, timeout=kafka.PATIENCE, check=True)
        assert picture.read_bytes()[:4] == b"\x89PNG" and picture.stat().st_size > 10000
    print(f"# promtool: {'yes' if promtool else 'not there'}, chromium: {'yes' if chromium else 'not there'}")
    site.stop(process)
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([says_what_receipts_say, shows_a_paused_partition, shows_a_writer_that_hangs,
                         says_that_the_brokers_are_away, ends_where_the_port_is_taken,
                         slow_and_many_clients_cost_themselves, prometheus_and_a_browser_read_it]))
