# SPDX-License-Identifier: Apache-2.0
"""A real broker, real processes, and a checker: what the tests of `winnow run` share.

    broker()            one broker for the whole test program, started where it is not running
    Site(...)           a folder with keys, winnow.yaml and topics of its own on that broker
    site.run()          start `winnow run`; site.check() reads every topic as read_committed
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))
import winnow as W  # noqa: E402

TOOL = os.environ.get("KAFKA_TOOL", str(pathlib.Path(W.BINARY).parents[1] / "tests/integration/kafka-tool"))
BROKER_SH = str(HERE.parent / "support" / "broker.sh")
PATIENCE = int(os.environ.get("WINNOW_PATIENCE", 120))  # Seconds: what takes longer hangs. It measures nothing, and a machine may be busy.
NOW = time.time()  # One clock for all records of a program: a record made twice is the same.


class Broker:
    """One node on loopback."""

    def __init__(self, *settings, port=None, format_options=()):
        """settings: lines of server.properties; format_options: of Kafka's tool that formats the storage."""
        self.dir = tempfile.mkdtemp(prefix="winnow-broker-")
        self.port = port or free_port()
        self.settings = settings
        self.format_options = format_options
        self.address = f"127.0.0.1:{self.port}"
        self._keys = None
        self._format()
        self.start()

    def _format(self):
        """Format the storage once a program: that is a third of a start."""
        global _formatted
        if self.format_options:
            self._sh("format", self.port, *self.settings)
        elif _formatted is None:
            self._sh("format", self.port, *self.settings)
            _formatted = tempfile.TemporaryDirectory(prefix="winnow-formatted-")
            shutil.copytree(f"{self.dir}/data", _formatted.name, dirs_exist_ok=True)
        else:
            shutil.copytree(_formatted.name, f"{self.dir}/data")

    def _sh(self, *args):
        subprocess.run(["sh", BROKER_SH, args[0], self.dir, *map(str, args[1:])], check=True, timeout=2 * PATIENCE,
                       env=dict(os.environ, KAFKA_FORMAT=" ".join(self.format_options)))

    @property
    def keys(self):
        """The keys of everybody on this broker: winnow.keys suffers no others."""
        if self._keys is None:
            self._keys = W.make_keys(self.dir)
        return self._keys

    def start(self):
        self._sh("start", self.port, *self.settings)

    def kill(self):
        self._sh("kill")

    def close(self):
        self._sh("kill")
        shutil.rmtree(self.dir, ignore_errors=True)

    def tool(self, *args, stdin=None):
        """Run kafka-tool; what only asks is asked again, for a broker that has just started may not know yet."""
        for tries in range(20 if args[0] in ("ends", "group", "dump") else 1):
            done = subprocess.run([TOOL, self.address, *map(str, args)], input=stdin, capture_output=True, timeout=PATIENCE)
            if done.returncode == 0:
                return done.stdout.decode()
            time.sleep(0.3)
        raise AssertionError(f"kafka-tool {args}: {done.stderr.decode()}")


def free_port():
    """@return a port whose successor is free as well."""
    import socket
    while True:
        port = random.randrange(20000, 30000, 2)
        try:
            with socket.socket() as a, socket.socket() as b:
                a.bind(("127.0.0.1", port))
                b.bind(("127.0.0.1", port + 1))
                return port
        except OSError:
            continue


_broker = None
_formatted = None
_sites = set()


def broker():
    """@return the broker of this test program."""
    global _broker
    if _broker is None:
        _broker = Broker()
    return _broker


def close_broker():
    """Stop it at the end of the program, and what a test that failed left running."""
    for site in _sites:
        site.kill()
    if _broker is not None:
        _broker.close()


# ---- Records -----------------------------------------------------------------------------------

def call(number, switch="ams-sw-1", when=None, seconds=60, **variables):
    """@return one FreeSWITCH record as a JSON text: fictional, different for each number."""
    start = int(((NOW if when is None else when) - 3600 - number % 600) * 1e6)
    end = start + seconds * 1000000
    values = {
        "direction": "inbound", "uuid": f"5d0a0b2e-0000-4000-8000-{number:012d}",
        "answer_uepoch": str(start), "end_uepoch": str(end), "billusec": str(seconds * 1000000),
        "billsec": str(seconds), "hangup_cause": "NORMAL_CLEARING", "accountcode": f"acct-{number % 97}",
    }
    values.update(variables)
    return json.dumps({
        "switchname": switch, "variables": values,
        "callflow": [{"caller_profile": {"destination_number": f"4477009002{number % 100:02d}",
                                         "caller_id_number": f"4477009000{number % 100:02d}",
                                         "context": "default"}}],
    }, separators=(",", ":"))


def calls(first, n, **more):
    """@return n different records."""
    return [call(first + i, **more) for i in range(n)]


def properties(name, values):
    """@return the lines of a map in a configuration; none where it is empty."""
    return [name, *(f"  {k}: {v}" for k, v in values.items())] if values else []


# ---- A site -------------------------------------------------------------------------------------

class Site:
    """A folder, keys, a configuration and topics, all of its own."""

    count = 0

    def __init__(self, partitions=1, affinity=None, source="freeswitch-json", policy=None, kafka=None, server=None,
                 producer=None, receipt_records=50000, commit_records=50000, commit_ms=100, inputs=None, make=True,
                 held=4000000, http="off", workers=1):
        Site.count += 1
        self.server = server or broker()
        self.name = f"t{os.getpid()}x{Site.count}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="winnow-run-"))
        self.policy = policy
        self.keys = self.server.keys
        self.partitions = partitions
        self.inputs = inputs or [{"topic": f"raw.{self.name}", "source": source, "affinity": affinity}]
        self.topic = self.inputs[0]["topic"]
        self.group = f"g-{self.name}"
        self.kafka = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "500", **(kafka or {})}
        self.producer = {"transaction.timeout.ms": "10000", **(producer or {})}
        self.http = http
        self.run_settings = {"commit_records": commit_records, "commit_ms": commit_ms,
                             "receipt_records": receipt_records, "held": held, "workers": workers}
        self.config = self.write_config("a")
        self.processes = []
        self.sent = []
        _sites.add(self)
        if make:
            for entry in self.inputs:
                self.tool("make", entry["topic"], partitions)
            W.winnow("topics", "create", "--config", self.config, "--partitions", 4)

    def write_config(self, instance):
        """@return the path of a configuration for this instance."""
        lines = [f"policy: {self.policy or W.SOURCE / 'schemas'}",
                 f"keys: {{dir: {self.keys}}}", "limits: {lateness: 35d}",
                 "kafka:", f"  bootstrap.servers: {self.server.address}",
                 *properties("kafka.consumer:", self.kafka), *properties("kafka.producer:", self.producer),
                 f"http: {self.http}", f"group: {self.group}", f"instance: {instance}", "inputs:"]
        for entry in self.inputs:
            affinity = f", affinity: {entry['affinity']}" if entry.get("affinity") else ""
            lines.append(f"  - {{topic: {entry['topic']}, source: {entry['source']}{affinity}}}")
        run = self.run_settings
        lines += ["run:", f"  workers: {run['workers']}", f"  state: {self.dir}/state-{instance}",
                  f"  commit: {{records: {run['commit_records']}, ms: {run['commit_ms']}}}",
                  f"  receipt: {{records: {run['receipt_records']}, ms: 60000}}",
                  f"  held: {run['held']}"]
        path = self.dir / f"winnow-{instance}.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def tool(self, *args, stdin=None):
        return self.server.tool(*args, stdin=stdin)

    def remake(self, topic, partitions=1):
        """Delete a topic and make it anew, as soon as the brokers have let it go."""
        self.tool("remove", topic)

        def made():
            try:
                self.tool("make", topic, partitions)
                return True
            except AssertionError:
                return False
        await_true(made)

    def fill(self, records, partition=0, topic=None, txn=None):
        """Send records, one a message."""
        verb = ("fill-txn", topic or self.topic, partition, txn) if txn else ("fill", topic or self.topic, partition)
        self.tool(*verb, stdin="".join(r + "\n" for r in records).encode())
        self.sent += records

    def start(self, config=None, kill_at=None, log=None, **env):
        """Start `winnow run`. @return the process; its log is in `.log`."""
        path = self.dir / f"log-{len(self.processes)}"
        environment = dict(os.environ, **env)
        if kill_at:
            environment["WINNOW_KILL_AT"] = kill_at
        with open(path, "w") as out:
            process = subprocess.Popen([W.BINARY, "run", "--config", str(config or self.config)],
                                       stderr=out, stdout=out, env=environment)
        process.log = path
        self.processes.append(process)
        return process

    def ctl(self, *args, status=0, config=None):
        return W.winnow("ctl", "--config", config or self.config, *args, status=status).stdout

    def status(self, config=None):
        """@return what `ctl status` prints; nothing where the worker does not listen yet."""
        return W.winnow("ctl", "--config", config or self.config, "status", status=None).stdout

    def end(self, partition=0, topic=None):
        """@return the high watermark of an input partition."""
        return int(self.tool("ends", topic or self.topic, partition).split()[1])

    def committed(self, partition=0, topic=None):
        """@return the group's committed offset."""
        return int(self.tool("group", self.group, topic or self.topic, partition))

    def await_end(self, process, partitions=None, limit=PATIENCE):
        """Wait until everything is committed; the process must live on."""
        ends = {p: self.end(p) for p in (range(self.partitions) if partitions is None else partitions)}
        await_true(lambda: all(self.committed(p) == e or e == 0 for p, e in ends.items()), limit, process)

    def stop(self, process, status=0, limit=PATIENCE):
        """SIGTERM. @return the seconds that it took."""
        begun = time.time()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=limit)
        assert code == status, f"status {code}, expected {status}\n{process.log.read_text()[-3000:]}"
        return time.time() - begun

    def log(self, process):
        return process.log.read_text()

    def kill(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def close(self):
        self.kill()
        _sites.discard(self)
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- What came out ----

    def dump(self, topic, isolation=None):
        """@return the messages of a topic, as read_committed sees them."""
        lines = self.tool("dump", topic, *([isolation] if isolation else [])).splitlines()
        return [json.loads(line) for line in lines]

    def usage(self, purpose="billing", kind="call", since=None):
        """@return this site's usage records: (message, Avro bytes)."""
        found = []
        for message in self.dump(f"usage.{purpose}.{kind}"):
            value = bytes.fromhex(message["value"])
            assert value[:2] == b"\xc3\x01", "single-object encoding"
            found.append((message, value[10:]))
        return found

    def mine(self, purpose="billing", kind="call"):
        """@return the records whose origin is one of our inputs: {record_id: count}, and their origins in order."""
        ids, origins = {}, []
        for message, avro in self.usage(purpose, kind):
            record_id, topic, partition, offset, index = origin_of(avro)
            if topic in [entry["topic"] for entry in self.inputs]:
                ids[record_id] = ids.get(record_id, 0) + 1
                origins.append((topic, partition, offset, index, avro, message))
        return ids, origins

    def dump_mine(self, topic):
        """@return the messages of a topic that all sites share, of our inputs: envelopes name theirs."""
        names = [entry["topic"].encode().hex() for entry in self.inputs]
        return [m for m in self.dump(topic) if any(name in m["value"] for name in names)]

    def receipts(self):
        """@return this site's receipts: {(topic, partition): [(receipt, text)]} in order of the topic."""
        chains = {}
        for message in self.dump("winnow.receipts"):
            text = bytes.fromhex(message["value"])
            receipt = json.loads(text)
            entry = receipt["inputs"][0]
            if entry["topic"] in [e["topic"] for e in self.inputs]:
                chains.setdefault((entry["topic"], entry["partition"]), []).append((receipt, text))
        return chains

    def check(self, expected, duplicates=0, quarantined=0, filtered=0, passed=None):
        """Each expected record once, receipts equal to the counts, the chain unbroken.

        After a SIGTERM, so that no receipt is open.
        """
        ids, origins = self.mine()
        until = time.time() + PATIENCE
        while len(ids) < expected and time.time() < until:  # The markers of a commit may come behind its answer.
            time.sleep(0.2)
            ids, origins = self.mine()
        doubled = {k: v for k, v in ids.items() if v != 1}
        assert not doubled, f"{len(doubled)} records are out more than once"
        assert len(ids) == expected, f"{len(ids)} records are out, expected {expected}"
        totals = {"in": 0, "passed": 0, "duplicates": 0, "out": 0, "quarantined": 0, "filtered": 0}
        for (topic, partition), chain in self.receipts().items():
            self.check_chain(topic, partition, chain, origins)
            for receipt, _ in chain:
                totals["in"] += receipt.get("in", 0)
                totals["passed"] += receipt.get("passed", 0)
                totals["duplicates"] += receipt.get("duplicates", 0)
                totals["quarantined"] += sum(receipt.get("quarantined", {}).values())
                totals["filtered"] += sum(receipt.get("filtered", {}).values())
                totals["out"] += receipt.get("purposes", {}).get("billing", {}).get("out", 0)
        want = {"in": expected + duplicates + quarantined + filtered, "passed": expected, "duplicates": duplicates,
                "out": expected, "quarantined": quarantined, "filtered": filtered}
        assert totals == want, f"receipts say {totals}, expected {want}"

    @staticmethod
    def check_chain_numbers(chain):
        """Each receipt names the one before it."""
        previous = None
        for number, (receipt, text) in enumerate(chain, 1):
            assert receipt["receipt"] == number, f"receipt {receipt['receipt']} in place of {number}"
            assert receipt.get("previous") == previous, f"receipt {number}: the chain is broken"
            previous = hashlib.sha256(text).hexdigest()

    def check_chain(self, topic, partition, chain, origins):
        """Numbers, hashes, offset ranges and digests of one partition's receipts."""
        self.check_chain_numbers(chain)
        upto = None
        for receipt, _ in chain:
            number = receipt["receipt"]
            entry = receipt["inputs"][0]
            if upto is not None and not receipt.get("event"):
                assert entry["first_offset"] == upto, f"receipt {number} begins at {entry['first_offset']}, not {upto}"
            upto = entry["last_offset"] + 1
            for output in receipt.get("outputs", []):
                if output["topic"].startswith("usage.billing."):
                    self.check_digest(topic, partition, entry, output, origins)

    @staticmethod
    def check_digest(topic, partition, entry, output, origins):
        digest, n = bytes(32), 0
        found = sorted((o for o in origins if o[0] == topic and o[1] == partition and
                        entry["first_offset"] <= o[2] <= entry["last_offset"]), key=lambda o: (o[2], o[3]))
        for *_, avro, _message in found:
            digest = hashlib.sha256(digest + hashlib.sha256(avro).digest()).digest()
            n += 1
        assert n == output["records"], f"{n} records in {entry}, the receipt says {output['records']}"
        assert digest.hex() == output["digest"], f"the digest of {entry} differs"


def read_long(avro, at):
    shift = number = 0
    while True:
        octet = avro[at]
        at += 1
        number |= (octet & 0x7f) << shift
        shift += 7
        if octet < 0x80:
            return (number >> 1) ^ -(number & 1), at


def origin_of(avro):
    """@return record_id, topic, partition, offset, index: the first fields of every billing record."""
    record_id = avro[:16].hex()
    length, at = read_long(avro, 16)
    topic = avro[at:at + length].decode()
    partition, at = read_long(avro, at + length)
    offset, at = read_long(avro, at)
    index, at = read_long(avro, at)
    return record_id, topic, partition, offset, index


def await_true(condition, limit=PATIENCE, process=None, every=0.1):
    """Wait until a condition holds; the process must live meanwhile."""
    until = time.time() + limit
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the process ended with status {process.returncode}\n{process.log.read_text()[-3000:]}")
        if time.time() > until:
            log = process.log.read_text()[-3000:] if process is not None else ""
            raise AssertionError(f"not in {limit} s\n{log}")
        time.sleep(every)


def main(tests):
    """Run tests as TAP, then stop the broker. @return the exit status."""
    status = W.main(tests)
    close_broker()
    return status
