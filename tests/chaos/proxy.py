# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before a broker that loses, delays and holds back single requests and answers.

It knows of Kafka's protocol what stands at the front of every frame: a request is length, api key, api version,
correlation id and client id; an answer is length and correlation id.

    proxy = Proxy(port_of_the_broker)           listens on proxy.port
    proxy.lose(END_TXN, "answer")               the next such request is done, but its answer never comes
    proxy.lose(END_TXN, "request")              … never arrives; both times the client's connection breaks
    proxy.lose(END_TXN, "late", after=2.0)      … arrives when the client has long given it up; `client=` names whose
    held = proxy.hold(HEARTBEAT, client="…")    such requests wait until held.release()
"""
import collections
import socket
import struct
import threading
import time

PRODUCE, LIST_OFFSETS, OFFSET_FETCH, HEARTBEAT, INIT_PRODUCER_ID, END_TXN, WRITE_TXN_MARKERS = 0, 2, 9, 12, 22, 26, 27


class Loss:
    """A request that is to be lost; `done` is set when it was."""

    def __init__(self, api, how, after, client):
        self.api, self.how, self.after, self.client = api, how, after, client
        self.done = threading.Event()


class Hold:
    """Requests that wait, `most` at once. `any` is set when the first one does."""

    def __init__(self, api, client, most):
        self.api, self.client, self.most = api, client, most
        self.open, self.any = threading.Event(), threading.Event()

    def release(self):
        self.open.set()

    def waits_for(self, api, client):
        waits = (not self.open.is_set() and api == self.api and self.most != 0
                 and (self.client is None or client == self.client))
        self.most -= waits
        return waits


def read_frame(sock):
    """@return the octets of a frame without its length; None at the end of the stream."""
    head = read_exactly(sock, 4)
    return None if head is None else read_exactly(sock, struct.unpack(">i", head)[0])


def read_exactly(sock, n):
    parts = []
    while n > 0:
        part = sock.recv(min(n, 1 << 20))
        if not part:
            return None
        parts.append(part)
        n -= len(part)
    return b"".join(parts)


def send_frame(sock, frame):
    sock.sendall(struct.pack(">i", len(frame)) + frame)


def close(*socks):
    for sock in socks:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()


class Proxy:
    """Forwards every connection to 127.0.0.1:`upstream`."""

    def __init__(self, upstream, port=0):
        self.upstream = upstream
        self.lock = threading.Lock()
        self.losses, self.holds = [], []
        self.lost = collections.Counter()  # By how.
        self.seen = collections.Counter()  # Requests by api and client.
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, api, how, after=0.0, client=None):
        assert how in ("answer", "request", "late")
        loss = Loss(api, how, after, client)
        with self.lock:
            self.losses.append(loss)
        return loss

    def forget(self, loss):
        """@return whether the loss was still to come; it does not come any more."""
        with self.lock:
            there = loss in self.losses
            if there:
                self.losses.remove(loss)
        return there

    def hold(self, api, client=None, most=-1):
        hold = Hold(api, client, most)
        with self.lock:
            self.holds.append(hold)
        return hold

    def close(self):
        for hold in self.holds:
            hold.release()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=5)
        except OSError:
            close(client)
            return
        for sock in (client, server):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        awaited = collections.deque()  # Of each request under way: the loss that takes its answer, or None.
        threading.Thread(target=self._answers, args=(client, server, awaited), daemon=True).start()
        self._requests(client, server, awaited)

    def _take_loss(self, api, client):
        with self.lock:
            self.seen[api, client] += 1
            for loss in self.losses:
                if loss.api == api and loss.client in (None, client):
                    self.losses.remove(loss)
                    return loss
        return None

    def _requests(self, client, server, awaited):
        try:
            while (frame := read_frame(client)) is not None:
                api, _, _, length = struct.unpack(">hhih", frame[:10])
                name = frame[10:10 + max(length, 0)].decode(errors="replace")
                for hold in list(self.holds):
                    if hold.waits_for(api, name):
                        hold.any.set()
                        hold.open.wait()
                loss = self._take_loss(api, name)
                if loss and loss.how != "answer":
                    self._lose_request(client, server, frame, loss)
                    return
                awaited.append(loss)
                send_frame(server, frame)
        except OSError:
            pass
        close(client, server)

    def _lose_request(self, client, server, frame, loss):
        close(client)
        self._note(loss)
        if loss.how == "late":
            time.sleep(loss.after)
            try:
                send_frame(server, frame)
                server.settimeout(5)
                read_frame(server)
            except OSError:
                pass
        close(server)

    def _answers(self, client, server, awaited):
        """Answers come in the order of the requests; a produce request that asks for none is never sent by us."""
        try:
            while (frame := read_frame(server)) is not None:
                loss = awaited.popleft() if awaited else None
                if loss:
                    self._note(loss)
                    break
                send_frame(client, frame)
        except OSError:
            pass
        close(client, server)

    def _note(self, loss):
        with self.lock:
            self.lost[loss.how] += 1
        loss.done.set()
