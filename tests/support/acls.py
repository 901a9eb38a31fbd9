# SPDX-License-Identifier: Apache-2.0
"""Rights on a broker, granted and withdrawn over the protocol itself: librdkafka has no transactional ids here, and Kafka's
own command is not among the jars of the tests.

CreateAcls and DeleteAcls, version 1 (https://kafka.apache.org/protocol, "CreateAcls API" and "DeleteAcls API").
"""
import socket
import struct

CREATE, DELETE, VERSION = 30, 31, 1
TYPES = {"topic": 2, "group": 3, "cluster": 4, "transactional-id": 5}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10, "IdempotentWrite": 12}
LITERAL, ALLOW = 3, 3


def text(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def right(principal, kind, name, operation):
    """@return the eight fields that both requests share."""
    return (struct.pack(">b", TYPES[kind]) + text(name) + struct.pack(">b", LITERAL) + text(principal) + text("*") +
            struct.pack(">bb", OPERATIONS[operation], ALLOW))


def ask(address, key, rights):
    """Send one request. @return the body of the answer, behind the throttle time."""
    host, port = address.split(":")
    body = struct.pack(">hhi", key, VERSION, 7) + text("acls") + struct.pack(">i", len(rights)) + b"".join(rights)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        stream = connection.makefile("rb")
        size, = struct.unpack(">i", stream.read(4))
        answer = stream.read(size)
    assert struct.unpack(">i", answer[:4]) == (7,), "an answer to another request"
    return answer[8:]


def must(answer):
    """The first result's error code, and how many there are."""
    n, code = struct.unpack(">ih", answer[:6])
    assert n > 0 and code == 0, f"the broker refuses: {n} results, error code {code}"


def grant(address, *rights):
    """Grant rights: (principal, type, name, operation) each."""
    must(ask(address, CREATE, [right(*r) for r in rights]))


def withdraw(address, *rights):
    must(ask(address, DELETE, [right(*r) for r in rights]))
