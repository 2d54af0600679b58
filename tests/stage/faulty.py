"""An AWS that stops answering in the middle of an invocation: a proxy before the true one."""

import contextlib
import http.client
import http.server
import threading
from urllib.parse import urlsplit


@contextlib.contextmanager
def silent_after(endpoint, operation):
    """URL of a proxy that passes DynamoDB's `operation` on and leaves every other call without an answer."""
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
            """Says nothing: a request's line is no one's business."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stopped.set()
        server.shutdown()
