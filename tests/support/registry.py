# SPDX-License-Identifier: Apache-2.0
"""A schema registry for tests: the part of Confluent's HTTP API that is about subjects and ids, on loopback, in memory.

    POST /subjects/S/versions {"schema": "…"}               register; the same schema has one id everywhere
    POST /subjects/S          {"schema": "…"}               look up
    GET  /schemas/ids/N
    POST /compatibility/subjects/S/versions/latest {"schema": "…"}

Compatible (BACKWARD) is told by a rule that suffices for tests: a record that only gains fields with a default.
"""
import base64
import http.server
import json
import threading
import time


class Registry:
    def __init__(self, user=None, password=None, slow=0):
        self.schemas, self.subjects, self.asked = [], {}, []
        self.login = base64.b64encode(f"{user}:{password}".encode()).decode() if user else None
        self.slow, self.broken = slow, None
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.reply(*registry.get(self))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.reply(*registry.post(self, body))

            def reply(self, status, answer):
                time.sleep(registry.slow)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """Who waits no longer has hung up: that is a test's own doing."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def refusal(self, request):
        self.asked.append((request.command, request.path))
        if self.login and request.headers.get("Authorization") != f"Basic {self.login}":
            return 401, {"error_code": 401, "message": "Unauthorized"}
        return self.broken

    def get(self, request):
        number = request.path.removeprefix("/schemas/ids/")
        if self.refusal(request):
            return self.refusal(request)
        if number.isdigit() and 1 <= int(number) <= len(self.schemas):
            return 200, {"schema": self.schemas[int(number) - 1]}
        return 404, {"error_code": 40403, "message": "Schema not found"}

    def post(self, request, body):
        refused = self.refusal(request)
        if refused:
            return refused
        schema = json.loads(body)["schema"]
        json.loads(schema)  # It is Avro's JSON in a JSON text.
        path = request.path.strip("/").split("/")
        if path[0] == "compatibility":
            versions = self.subjects.get(path[2])
            if not versions:
                return 404, {"error_code": 40401, "message": "Subject not found"}
            return 200, {"is_compatible": self.fits(versions[-1], schema)}
        subject = path[1]
        versions = self.subjects.setdefault(subject, []) if path[2:] else self.subjects.get(subject)
        if versions is None:
            return 404, {"error_code": 40401, "message": "Subject not found"}
        if schema in versions:
            return 200, {"id": self.schemas.index(schema) + 1, "subject": subject, "version": versions.index(schema) + 1}
        if not path[2:]:
            return 404, {"error_code": 40403, "message": "Schema not found"}
        if versions and not self.fits(versions[-1], schema):
            return 409, {"error_code": 409, "message": "Schema being registered is incompatible with an earlier schema"}
        if schema not in self.schemas:
            self.schemas.append(schema)
        versions.append(schema)
        return 200, {"id": self.schemas.index(schema) + 1}

    @staticmethod
    def fits(old, new):
        old, new = ({f["name"]: f for f in json.loads(s)["fields"]} for s in (old, new))
        return all(name in old or "default" in field for name, field in new.items())
