"""Serves the webhooks of examples/blockbuilders with its own module and nothing that is to be installed. Prints its port.

usage: example-payments.py <apps/api> <secret>
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, sys.argv[1])
from blockbuilders_api.payments import BadWebhook, Payments, verified  # noqa: E402

payments = Payments()


class Handler(BaseHTTPRequestHandler):
    def tell(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            payments.take(verified(body, self.headers.get("stripe-signature", ""), sys.argv[2]))
        except BadWebhook as problem:
            return self.tell(400, {"detail": str(problem)})
        return self.tell(200, {"received": True})

    def do_GET(self) -> None:
        self.tell(200, {"count": payments.effects(self.path.split("/")[2])})

    def log_message(self, *_: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
