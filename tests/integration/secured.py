# SPDX-License-Identifier: Apache-2.0
"""A broker with doors: one that asks nobody who they are, for the tests themselves, and others that do.

    server = secured.broker({"sec": {"protocol": "SASL_PLAINTEXT", …}}, users={"winnow": "a password"})
    secured.behind(site, server.doors["sec"], {"security.protocol": "SASL_PLAINTEXT", …})
"""
import kafka as K

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


def broker(doors, *settings, users=None):
    """doors: {name: {"protocol": …, setting of the listener: …}}; users: {name: password}, by SCRAM-SHA-512.

    @return the broker; `.doors` has the address of each door.
    """
    port = K.free_port()
    ports = {name: K.free_port() for name in doors}
    lines = [f"listeners=OUT://127.0.0.1:{port},CTL://127.0.0.1:{port + 1}," +
             ",".join(f"{name.upper()}://127.0.0.1:{p}" for name, p in ports.items()),
             f"advertised.listeners=OUT://127.0.0.1:{port}," +
             ",".join(f"{name.upper()}://127.0.0.1:{p}" for name, p in ports.items()),
             "listener.security.protocol.map=OUT:PLAINTEXT,CTL:PLAINTEXT," +
             ",".join(f"{name.upper()}:{door['protocol']}" for name, door in doors.items())]
    for name, door in doors.items():
        lines += [f"listener.name.{name}.{key}={value}" for key, value in door.items() if key != "protocol"]
    options = [word for user, password in (users or {}).items()
               for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")]
    server = K.Broker(*lines, *settings, port=port, format_options=options)
    server.doors = {name: f"127.0.0.1:{p}" for name, p in ports.items()}
    return server


def behind(site, address, properties, instance="a"):
    """@return a configuration of a site that comes by a door: with these properties in `kafka:`."""
    text = site.config.read_text()
    brokers = f"  bootstrap.servers: {site.server.address}\n"
    assert brokers in text
    path = site.dir / f"winnow-{instance}-{len(list(site.dir.glob('*.yaml')))}.yaml"
    path.write_text(text.replace(brokers, "".join(f"  {k}: {v}\n" for k, v in
                                                  {"bootstrap.servers": address, **properties}.items())))
    return path
