"""A proxy in front of AWS that stops answering in the middle of an invocation."""

import contextlib
import http.client
import http.server
import threading
from urllib.parse import urlsplit


@contextlib.contextmanager
def silent_after(endpoint, operation):
    """The URL of a proxy that forwards DynamoDB's `operation` and never answers any other call."""
    stopped = threading.Event()

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not self.headers.get("X-Amz-Target", "").endswith(f".{operation}"):
                stopped.wait()
                self.close_connection = True
                return
            connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
            connection.request("POST", self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "content-length", "connection", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Prints nothing for a request."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stopped.set()
        server.shutdown()
