"""Functions that tell a test each event they get, over one socket on this machine, so that a crash loses nothing."""

import json
import os
import stat
import threading

from listening import Listener

PROGRAM = """#!/usr/bin/env python3
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()
    told = http.client.HTTPConnection("127.0.0.1", int(os.environ["TOLD"]))
    told.request("POST", "/", event)
    wrong = told.getresponse().read() == b"fail"
    told.close()
    path = "error" if wrong else "response"
    body = b'{"errorType":"Wrong","errorMessage":"as told"}' if wrong else b"null"
    api.request("POST", "/2018-06-01/runtime/invocation/" + request + "/" + path, body)
    api.getresponse().read()
"""


class Told(Listener):
    """Keeps all events in the order in which functions got them.

    fails(event, count): whether the function is to fail; count is how often this very event came, this time included.
    """

    def __init__(self, fails=lambda event, count: False):
        self.lock, self.all, self.counts, self.fails = threading.Lock(), [], {}, fails
        super().__init__(self.answer)

    def answer(self, text):
        with self.lock:
            self.all.append(json.loads(text))
            self.counts[text] = self.counts.get(text, 0) + 1
            return b"fail" if self.fails(self.all[-1], self.counts[text]) else b"well"

    def events(self):
        with self.lock:
            return list(self.all)


def write_manifest(folder, functions, port, **more):
    """A service of such functions. functions: name -> fields of the manifest."""
    program = os.path.join(str(folder), "bootstrap")
    with open(program, "w") as file:
        file.write(PROGRAM)
    os.chmod(program, stat.S_IRWXU | stat.S_IROTH | stat.S_IXOTH)
    function = {"executable": program, "timeout": 30, "reservedConcurrency": 2, "environment": {"TOLD": str(port)}}
    path = os.path.join(str(folder), "serverless-manifest.json")
    with open(path, "w") as file:
        json.dump({
            "service": "crash", "functions": {name: {**function, **fields} for name, fields in functions.items()},
            **more}, file)
    return path
