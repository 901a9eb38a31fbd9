# SPDX-License-Identifier: Apache-2.0
"""Brokers with a proxy before one of their doors."""
import kafka
import proxy

ABORT_SOON = "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000"


class ProxiedBroker(kafka.Broker):
    """One node; who comes by `way` comes through `proxy`."""

    def __init__(self):
        port, door = kafka.free_port(), kafka.free_port()
        self.proxy = proxy.Proxy(door)
        self.way = f"127.0.0.1:{self.proxy.port}"
        super().__init__(
            f"listeners=OUT://127.0.0.1:{port},CTL://127.0.0.1:{port + 1},WAY://127.0.0.1:{door}",
            f"advertised.listeners=OUT://127.0.0.1:{port},WAY://{self.way}",
            "listener.security.protocol.map=OUT:PLAINTEXT,CTL:PLAINTEXT,WAY:PLAINTEXT", ABORT_SOON, port=port)

    def close(self):
        self.proxy.close()
        super().close()


class Node(kafka.Broker):
    """One of two nodes, the first of which is the controller; what brokers say to one another comes through `proxy`."""

    def __init__(self, number, first=None):
        port, door = kafka.free_port(), kafka.free_port()
        self.proxy = proxy.Proxy(door)
        controller = (first.port if first else port) + 1
        settings = [f"node.id={number}", f"controller.quorum.voters=1@127.0.0.1:{controller}",
                    "listener.security.protocol.map=OUT:PLAINTEXT,CTL:PLAINTEXT,IN:PLAINTEXT",
                    f"advertised.listeners=OUT://127.0.0.1:{port},IN://127.0.0.1:{self.proxy.port}",
                    "inter.broker.listener.name=IN", ABORT_SOON]
        listeners = f"listeners=OUT://127.0.0.1:{port},IN://127.0.0.1:{door}"
        settings += ["process.roles=broker", listeners] if first else [f"{listeners},CTL://127.0.0.1:{controller}"]
        super().__init__(*settings, port=port)

    def _format(self):
        self._sh("format", self.port, *self.settings)

    def close(self):
        self.proxy.close()
        super().close()


def pair():
    """@return two nodes; the offsets of groups and the transactions are the first one's."""
    first = Node(1)
    first.tool("make", "coordinators", 1)
    first.tool("fill-txn", "coordinators", 0, "nobody", stdin=b"x\n")
    first.tool("group", "nobody", "coordinators", 0)
    return first, Node(2, first)


class WaySite(kafka.Site):
    """A site whose processes come by the proxy of its broker, unless they are told another way; the test's tools do not."""

    def write_config(self, instance, way=None, state=None):
        path = super().write_config(instance)
        text = path.read_text()
        assert self.server.address in text
        text = text.replace(self.server.address, way or self.server.way)
        if state:
            text = text.replace(f"state: {self.dir}/state-{instance}", f"state: {self.dir}/{state}")
            path = path.with_name(f"{state}.yaml")
        path.write_text(text)
        return path
