"""Servers on this machine that functions and gateways of tests talk to: confined functions share no files with a
test."""

import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Says nothing in the tests' output."""

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server:
    """Serves with a class of handlers, on threads of its own and a free port, until it is closed."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Listener(Server):
    """Answers each POST with 200 and what `answer(body)` makes of it, bytes of bytes."""

    def __init__(self, answer):
        class Posts(Handler):
            def do_POST(self):
                self.answer(200, answer(self.rfile.read(int(self.headers["Content-Length"]))))

        super().__init__(Posts)


class Gate(Listener):
    """Holds all who post until it is opened, so that a test knows who is inside, however slow the machine is."""

    def __init__(self, opens_at=None):
        """`opens_at`: opens by itself when so many have come."""
        self.changed, self.came, self.is_open, self.opens_at = threading.Condition(), 0, False, opens_at
        super().__init__(self.hold)

    def hold(self, body):
        with self.changed:
            self.came += 1
            self.is_open = self.is_open or self.came == self.opens_at
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.is_open, 60)
        return b""

    def wait(self, count=1):
        """Until so many have come."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.came >= count, 60), f"{self.came} of {count} have come"

    def open(self):
        with self.changed:
            self.is_open = True
            self.changed.notify_all()

    def close(self):
        self.open()
        super().close()
