"""An HTTP server that takes alerts, and misbehaves when told to.

code and delay may be changed while it runs; stop() closes its port, start() opens it again.
"""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    def __init__(self, host, port=9099):
        self.host, self.port = host, port
        self.url = f"http://{host}:{port}/failover"
        self.code = 200
        self.posts = []      # (what it said, the code it got), in the order of arrival
        self.headers = []
        self.hanging = 0     # requests that wait for the gate
        self.gate = threading.Event()
        self.gate.set()      # cleared: nobody is answered
        self._server = None

    def start(self):
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.hanging += 1
                hook.gate.wait()
                hook.hanging -= 1
                hook.headers.append(dict(self.headers))
                code = hook.code
                hook.posts.append((json.loads(body), code))
                try:
                    self.send_response(code)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # the sender did not wait

            def log_message(self, *_args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads, allow_reuse_address = True, True

        self._server = Server((self.host, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def taken(self, **fields):
        """What was answered with 200 and has these fields, oldest first."""
        return [post for post, code in list(self.posts)
                if code == 200 and fields.items() <= post.items()]
