"""Serves the digits model by the KServe V1 protocol. Needs nothing but Python and scikit-learn."""

import json
import logging
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from model import BadInput, DigitsModel, instances_of

LARGEST_BODY = 1024 * 1024
MOST_DISCARDED = 16 * LARGEST_BODY
# Requests in flight at SIGTERM get this long; the whole stop stays below a second.
DRAIN_SECONDS = 0.7

log = logging.getLogger("digits")


class Refused(Exception):
    def __init__(self, status, message, close=False):
        super().__init__(message)
        self.status = status
        self.close = close


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, model, names):
        self.model = model
        self.names = names
        self.in_flight = 0
        self.changed = threading.Condition()
        super().__init__(("127.0.0.1", port), Handler)

    def count(self, by):
        with self.changed:
            self.in_flight += by
            self.changed.notify_all()

    def wait_until_idle(self, seconds):
        with self.changed:
            return self.changed.wait_for(lambda: self.in_flight == 0, timeout=seconds)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; apart, they wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer_with(self.get)

    def do_POST(self):
        self.answer_with(self.post)

    def answer_with(self, handle):
        self.server.count(+1)
        try:
            try:
                # Read even where it is not wanted, or it would be taken for the next request.
                status, answer = 200, handle(self.read_body())
            except Refused as refused:
                self.close_connection = self.close_connection or refused.close
                status, answer = refused.status, {"error": str(refused)}
                log.warning("%s %s refused with %d: %s", self.command, self.path, status, refused)
            self.send_json(status, answer)
        finally:
            self.server.count(-1)

    def get(self, _):
        names = self.server.names
        if self.path == "/healthz":
            return {"ready": True}
        if self.path == "/v1/models":
            return {"models": names}
        if self.path in [f"/v1/models/{name}" for name in names]:
            return {"name": self.path.rpartition("/")[2], "ready": True}
        raise self.not_found()

    def post(self, body):
        if self.path not in [f"/v1/models/{name}:predict" for name in self.server.names]:
            raise self.not_found()
        try:
            instances = instances_of(json.loads(body))
        except BadInput as error:
            raise Refused(400, str(error)) from None
        except (ValueError, RecursionError) as error:
            raise Refused(400, f"The body must be JSON: {error}") from None

        start = time.perf_counter()
        predictions = self.server.model.predict(instances)
        log.info("Images predicted: %d, in %.2f ms.", len(predictions), (time.perf_counter() - start) * 1000)
        return {"predictions": predictions}

    def not_found(self):
        names = " and ".join(self.server.names)
        return Refused(404, f"Nothing answers {self.command} {self.path} here; the model's names are {names}.")

    def read_body(self):
        if "Transfer-Encoding" in self.headers:
            raise Refused(411, "The body must come with a Content-Length.", close=True)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise Refused(400, f"Content-Length must be a number, but was {length!r}.", close=True)
        if int(length) > LARGEST_BODY:
            self.discard(min(int(length), MOST_DISCARDED))
            raise Refused(413, f"The body must have at most {LARGEST_BODY} bytes, but had {length}.", close=True)
        return self.rfile.read(int(length))

    def discard(self, length):
        """A sender that is cut off while it sends may never see the answer."""
        while length > 0 and (piece := self.rfile.read(min(length, 65536))):
            length -= len(piece)

    def handle_expect_100(self):
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def send_json(self, status, answer):
        body = json.dumps(answer, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code, message=None, explain=None):
        """What the base class refuses by itself, such as an unknown method."""
        self.close_connection = True
        self.send_json(int(code), {"error": message or self.responses[code][0]})

    def log_request(self, code="-", size="-"):
        """A prediction and a refusal have their own lines."""


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    start = time.perf_counter()
    model = DigitsModel()
    milliseconds = (time.perf_counter() - start) * 1000
    log.info("Learned in %.0f ms; reads %.1f %% of the digits it has not seen.", milliseconds, model.accuracy * 100)

    names = list(dict.fromkeys([os.environ.get("DEPLOYMENT") or "digits", "digits"]))
    server = Server(int(os.environ.get("PORT", "8080")), model, names)
    # Until here nobody waits for an answer, and the signals may end the process as they do by default.
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    log.info("%s listens on port %d.", os.environ.get("HOSTNAME", "digits"), server.server_port)

    stop.wait()
    log.info("Stopping: no new requests.")
    server.shutdown()
    server.server_close()
    if not server.wait_until_idle(DRAIN_SECONDS):
        log.warning("Stopped with %d requests unanswered.", server.in_flight)


if __name__ == "__main__":
    main()
