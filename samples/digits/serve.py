"""Serves the digits model through the KServe V1 protocol. Requires only Python and scikit-learn."""

import json
import logging
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from model import BadInput, DigitsModel, parse_instances

MAX_BODY_BYTES = 1024 * 1024
MAX_DISCARDED_BYTES = 16 * MAX_BODY_BYTES
# Time for requests in flight after SIGTERM, so that the process ends within a second.
DRAIN_SECONDS = 0.7

log = logging.getLogger("digits")


class HttpError(Exception):
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
    # Send headers and body in one packet. In two packets, the body would wait for the acknowledgement of the headers.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        self.respond_with(self.get)

    def do_POST(self):
        self.respond_with(self.post)

    def respond_with(self, handler):
        self.server.count(+1)
        try:
            try:
                # Always read the body: otherwise it would be parsed as the next request of the connection.
                status, response = 200, handler(self.read_body())
            except HttpError as error:
                self.close_connection = self.close_connection or error.close
                status, response = error.status, {"error": str(error)}
                log.warning("%s %s was rejected with status %d: %s", self.command, self.path, status, error)
            self.send_json(status, response)
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
            instances = parse_instances(json.loads(body))
        except BadInput as error:
            raise HttpError(400, str(error)) from None
        except (ValueError, RecursionError) as error:
            raise HttpError(400, f"The body must be JSON: {error}") from None

        start = time.perf_counter()
        predictions = self.server.model.predict(instances)
        log.info("Predicted %d images in %.2f ms", len(predictions), (time.perf_counter() - start) * 1000)
        return {"predictions": predictions}

    def not_found(self):
        names = " and ".join(self.server.names)
        return HttpError(404, f"{self.command} {self.path} does not exist; the names of the model are {names}.")

    def read_body(self):
        if "Transfer-Encoding" in self.headers:
            raise HttpError(411, "The request must have a Content-Length.", close=True)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise HttpError(400, f"Content-Length must be a number, but was {length!r}.", close=True)
        if int(length) > MAX_BODY_BYTES:
            self.discard(min(int(length), MAX_DISCARDED_BYTES))
            raise HttpError(413, f"The body must have at most {MAX_BODY_BYTES} bytes, but had {length}.", close=True)
        return self.rfile.read(int(length))

    def discard(self, length):
        """Reads and discards the body: a client that is disconnected while it sends may never see the response."""
        while length > 0 and (piece := self.rfile.read(min(length, 65536))):
            length -= len(piece)

    def handle_expect_100(self):
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def send_json(self, status, response):
        body = json.dumps(response, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code, message=None, explain=None):
        """Writes the errors that the base class detects, such as an unknown method."""
        self.close_connection = True
        self.send_json(int(code), {"error": message or self.responses[code][0]})

    def log_request(self, code="-", size="-"):
        """Logs nothing, because predictions and rejected requests have their own log lines."""


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    start = time.perf_counter()
    model = DigitsModel()
    milliseconds = (time.perf_counter() - start) * 1000
    log.info("Trained the model in %.0f ms; it recognizes %.1f %% of the digits it was not trained on", milliseconds, model.accuracy * 100)

    names = list(dict.fromkeys([os.environ.get("DEPLOYMENT") or "digits", "digits"]))
    server = Server(int(os.environ.get("PORT", "8080")), model, names)
    # Before this point there are no requests, so the default signal handlers may end the process.
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    log.info("%s listens on port %d", os.environ.get("HOSTNAME", "digits"), server.server_port)

    stop.wait()
    log.info("Stopping; new requests are rejected")
    server.shutdown()
    server.server_close()
    if not server.wait_until_idle(DRAIN_SECONDS):
        log.warning("Stopped with %d unfinished requests", server.in_flight)


if __name__ == "__main__":
    main()
