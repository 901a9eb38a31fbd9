#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`winnow run` as a service: the unit, and what a service manager is told."""
import ctypes
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import kafka
from kafka import Site, await_true, calls

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import winnow as W  # noqa: E402

UNIT = W.SOURCE / "contrib/systemd/winnow.service"


class Manager:
    """What systemd is to a service: a datagram socket, its watchdog, and a folder of credentials."""

    def __init__(self, watchdog_ms=200):
        self.name = f"winnow-test-manager-{os.getpid()}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name)
        self.socket.settimeout(60)
        self.heard = []
        self.environment = {"NOTIFY_SOCKET": "@" + self.name, "WATCHDOG_USEC": str(watchdog_ms * 1000)}

    def hear(self, text):
        """Wait until a line with this text is told. @return what was told since the last call."""
        since = []
        while not since or text not in since[-1]:
            since.append(self.socket.recv(4096).decode())
        self.heard += since
        return since

    def close(self):
        self.socket.close()


def unit_is_hardened():
    """At most 1.5 of 10, by systemd's own measure, where it can be asked without a running one."""
    if not shutil.which("systemd-analyze"):
        print("# there is no systemd-analyze here: not measured")
        return
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", str(UNIT)], capture_output=True, text=True,
                          env=dict(os.environ, SYSTEMD_COLORS="0"))
    found = re.search(r"Overall exposure level for winnow.service: ([0-9.]+)", done.stdout)
    if not found:
        print("# systemd-analyze is too old for --offline: not measured")
        return
    assert float(found.group(1)) <= 1.5, done.stdout


def unit_is_understood():
    """No key that systemd does not know, once the program is where the unit says."""
    if not shutil.which("systemd-analyze"):
        print("# there is no systemd-analyze here: not checked")
        return
    with W.scratch() as folder:
        unit = pathlib.Path(folder) / "winnow.service"
        text = UNIT.read_text().replace("ExecStart=/usr/bin/winnow", f"ExecStart={W.BINARY}")
        unit.write_text(text.replace("Documentation=man:winnow(1)\n", ""))
        done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if "winnow.service" in line]
        assert not said, said


def manager_is_told():
    """Ready once it is connected, how many partitions run, that it turns, that it stops."""
    site = Site()
    manager = Manager()
    site.fill(calls(0, 100))
    process = site.start(**manager.environment)
    assert not any("WATCHDOG" in line for line in manager.hear("READY=1")), "it turned before it was ready"
    manager.hear("STATUS=1 of 1 partitions running")
    for _ in range(5):
        manager.hear("WATCHDOG=1")
    site.await_end(process)
    site.stop(process)
    manager.hear("STOPPING=1")
    site.check(100)
    text = "\n".join(manager.heard)
    assert "+4477" not in text and "acct-" not in text
    manager.close()
    site.close()


def manager_is_told_what_waits():
    """A paused partition shows in the status, by its reason."""
    site = Site(source="freeswitch-json")
    manager = Manager()
    site.fill(calls(0, 1000))
    process = site.start(**manager.environment)
    site.await_end(process)
    site.fill(["{broken"] * 300)
    manager.hear("1 paused (poison)")
    site.stop(process)
    manager.close()
    site.close()


def key_encryption_key_is_a_credential():
    """$CREDENTIALS_DIRECTORY/winnow.kek, where the configuration names none; none beside the keys."""
    site = Site()
    keys = site.dir / "own/keys"
    keys.parent.mkdir()
    shutil.copytree(site.keys, keys)
    shutil.copy(f"{site.keys}.register", f"{keys}.register")
    credentials = site.dir / "credentials"
    credentials.mkdir()
    shutil.copy(f"{site.keys}.kek", credentials / "winnow.kek")
    (credentials / "winnow.kek").chmod(0o440)
    site.keys = keys
    site.config = site.write_config("a")
    site.fill(calls(0, 50))
    failed = site.start()
    assert failed.wait(timeout=kafka.PATIENCE) == 1 and "keys.kek" in site.log(failed)
    process = site.start(CREDENTIALS_DIRECTORY=str(credentials))
    site.await_end(process)
    site.stop(process)
    site.check(50)
    site.close()


def has_landlock():
    """@return whether this kernel has it: else what it withholds can't be seen here."""
    library = ctypes.CDLL(None, use_errno=True)
    return library.syscall(444, None, 0, 1) >= 1  # landlock_create_ruleset(…, VERSION)


def mend_source_from_elsewhere(*run_lines):
    """Replace a source's file by a link to one that lies in a folder of nobody's. @return what the log says of it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="winnow-policy-"))
    elsewhere = pathlib.Path(tempfile.mkdtemp(prefix="winnow-elsewhere-"))
    site = Site(policy=W.make_policy(folder / "policy"))
    site.config.write_text(site.config.read_text() + "".join(f"  {line}\n" for line in run_lines))
    site.fill(calls(0, 50))
    process = site.start()
    site.await_end(process)
    source = folder / "policy/sources/freeswitch-json.yaml"
    mended = elsewhere / "mended.yaml"
    mended.write_text(source.read_text() + "# mended\n")
    (folder / "policy/link").symlink_to(mended)
    (folder / "policy/link").rename(source)
    await_true(lambda: "event=source-" in site.log(process), 30, process)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    site.stop(process)
    site.check(50)
    log = site.log(process)
    site.close()
    shutil.rmtree(folder)
    shutil.rmtree(elsewhere)
    return log, status


def process_reaches_no_other_files():
    if not has_landlock():
        print("# this kernel has no Landlock: not tried")
        return
    log, status = mend_source_from_elsewhere()
    assert "event=confined landlock=" in log, log
    assert "event=source-refused" in log and "Permission denied" in log, log
    assert "NoNewPrivs:\t1" in status, status
    assert "seccomp=no" in log or "Seccomp:\t2" in status, status


def sandbox_may_be_off():
    log, status = mend_source_from_elsewhere("sandbox: off")
    assert "event=not-confined" in log and "event=source-read" in log, log
    assert "NoNewPrivs:\t0" in status or "NoNewPrivs:\t1" in pathlib.Path("/proc/self/status").read_text(), status


def kerberos_is_not_confined():
    """librdkafka runs kinit, so no sandbox would let it in; that is said. (What follows fails: there is no ticket.)"""
    site = Site(kafka={"sasl.mechanism": "GSSAPI"})
    process = site.start()
    await_true(lambda: "event=not-confined" in site.log(process) or process.poll() is not None, 30)
    assert "Kerberos" in site.log(process), site.log(process)
    site.close()


if __name__ == "__main__":
    sys.exit(kafka.main([unit_is_hardened, unit_is_understood, manager_is_told, manager_is_told_what_waits,
                         key_encryption_key_is_a_credential, process_reaches_no_other_files, sandbox_may_be_off,
                         kerberos_is_not_confined]))
