"""Writers of objects: small ones that lie in the database and large ones in files of their own."""

import hashlib
import time

import load

BUCKET = "load"


class ObjectWriter(load.Writer):
    """`state` maps (bucket, key, "") to the digest of the object that must be stored there."""

    def __init__(self, place, seed, keys=4):
        super().__init__(place, seed, keys)
        self.kind, self.name = "object", f"object-{place}"

    def next(self):
        self.count += 1
        key = (BUCKET, f"{self.name}/{self.random.randrange(self.keys)}", "")
        if key in self.state and self.random.random() < 0.3:
            step = load.Step(f"DELETE /{key[0]}/{key[1]}", b"", {key: None})
        else:
            body = bytes([self.count % 251]) * self.random.choice((0, 10, 10_000, 20_000, 40_000))
            step = load.Step(f"PUT /{key[0]}/{key[1]}", body, {key: digest(body)})
        self.pending = step
        if self.history is not None:
            self.history.append(step)
        step.sent = time.monotonic_ns()
        return step.operation, step.body

    def done(self, status, answer):
        step, self.pending = self.pending, None
        step.answered = time.monotonic_ns()
        assert status in (200, 204), f"{self.name}: {step.operation}: {status} {answer}"
        load.apply(self.state, step.changes)

    def stored(self, server):
        """What is stored under this writer's keys."""
        found = {}
        for place in range(self.keys):
            key = (BUCKET, f"{self.name}/{place}", "")
            status, body = server.call(f"GET /{key[0]}/{key[1]}", b"")
            assert status in (200, 404), (key, status, body)
            if status == 200:
                found[key] = digest(body)
        return found


def make_bucket(server):
    status, answer = server.call(f"PUT /{BUCKET}", b"")
    assert status == 200, answer


def digest(body):
    return {"md5": hashlib.md5(body).hexdigest(), "size": len(body)}
