# SPDX-License-Identifier: Apache-2.0
"""A broker with doors: one that asks nobody who they are, for the tests themselves, and others that do.

    server = secured.broker({"sec": {"protocol": "SASL_PLAINTEXT", …}}, users={"winnow": "a password"})
    config = secured.behind(site, server.doors["sec"], {"security.protocol": "SASL_PLAINTEXT", …})
"""
import os
import pathlib
import subprocess
import sys

import kafka as K

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
SECRETS = ("sasl.password", "ssl.key.password")


def broker(doors, *settings, users=None):
    """doors: {name: {"protocol": …, setting of the listener: …}}; users: {name: password}, by SCRAM-SHA-512.

    @return the broker; `.doors` has the address of each door.
    """
    port = K.free_port()
    ports = {name: K.free_port() for name in doors}
    addresses = "".join(f",{name.upper()}://127.0.0.1:{p}" for name, p in ports.items())
    protocols = "".join(f",{name.upper()}:{door['protocol']}" for name, door in doors.items())
    lines = [f"listeners=OUT://127.0.0.1:{port},CTL://127.0.0.1:{port + 1}{addresses}",
             f"advertised.listeners=OUT://127.0.0.1:{port}{addresses}",
             f"listener.security.protocol.map=OUT:PLAINTEXT,CTL:PLAINTEXT{protocols}"]
    for name, door in doors.items():
        lines += [f"listener.name.{name}.{key}={value}" for key, value in door.items() if key != "protocol"]
    options = [word for user, password in (users or {}).items()
               for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")]
    server = K.Broker(*lines, *settings, port=port, format_options=options)
    server.doors = {name: f"127.0.0.1:{p}" for name, p in ports.items()}
    return server


def behind(site, address, properties):
    """@return a configuration of a site that comes by a door, with these properties; secrets go to files."""
    text = site.config.read_text()
    brokers = f"  bootstrap.servers: {site.server.address}\n"
    assert brokers in text
    number = len(list(site.dir.glob("winnow-*.yaml")))
    lines = {"bootstrap.servers": address}
    for key, value in properties.items():
        if key in SECRETS:
            path = site.dir / f"{key}-{number}"
            path.write_text(value + "\n")
            path.chmod(0o600)
            value = f"{{file: {path.name}}}"
        lines[key] = value
    path = site.dir / f"winnow-door-{number}.yaml"
    path.write_text(text.replace(brokers, "".join(f"  {k}: {v}\n" for k, v in lines.items())))
    return path


def library_version(folder=None):
    """@return the version of the librdkafka that winnow is run with: (2, 0, 2)."""
    import ctypes
    name = str(pathlib.Path(folder) / "librdkafka.so.1") if folder else "librdkafka.so.1"
    number = ctypes.CDLL(name).rd_kafka_version()
    return number >> 24, number >> 16 & 255, number >> 8 & 255


def newer_library(site_dir):
    """@return a folder with a librdkafka that can do SCRAM with Kafka 4: the system's own (None), or the one that the Python
    package confluent-kafka brings, which is among what the tests need anyway; False where there is none."""
    if os.environ.get("LD_LIBRARY_PATH") or library_version() >= (2, 6, 1):
        return None
    python = os.environ.get("WINNOW_PYTHON", sys.executable)
    found = subprocess.run([python, "-c", "import confluent_kafka; print(confluent_kafka.__file__)"],
                           capture_output=True, text=True).stdout.strip()
    libraries = pathlib.Path(found).parents[1] / "confluent_kafka.libs" if found else None
    if not libraries or not libraries.is_dir():
        return False
    folder = pathlib.Path(site_dir) / "librdkafka"
    folder.mkdir()
    for library in libraries.iterdir():
        (folder / library.name).symlink_to(library)
        if library.name.startswith("librdkafka-"):
            (folder / "librdkafka.so.1").symlink_to(library)
    return folder
