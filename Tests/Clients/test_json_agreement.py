"""Our JSON reader and Python's take and refuse the same texts: two readers written apart, one standard."""

import http.client
import json
import os
import random
from urllib.parse import urlsplit

import pytest
from running import ROOT, Emulator

CORPUS = os.path.join(ROOT, "Tests/Fuzz/Corpus/FuzzJSON")


@pytest.fixture(scope="module")
def accepts(tmp_path_factory):
    """accepts(text) tells whether the emulator reads {"Unknown": text} as JSON; it ignores the member."""
    instance = Emulator(tmp_path_factory.mktemp("json"), "--accept-any-credentials")
    url = urlsplit(instance.aws)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)

    def ask(text):
        connection.request("POST", "/", b'{"Unknown":' + text + b"}", {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 400)
        return answer.status == 200

    yield ask
    connection.close()
    instance.stop()


def no_constant(name):
    raise ValueError(name)


def python_accepts(text):
    try:
        value = json.loads((b'{"Unknown":' + text + b"}").decode("utf-8"), parse_constant=no_constant)
        # Python keeps halves of surrogate pairs, which no UTF-8 can carry.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return True
    except (ValueError, RecursionError):
        return False


def corpus():
    return [open(os.path.join(CORPUS, name), "rb").read() for name in sorted(os.listdir(CORPUS))]


def test_the_kept_corpus(accepts):
    texts = corpus()
    assert len(texts) > 20
    for text in texts:
        assert accepts(text) == python_accepts(text), text


def test_texts_with_random_faults(accepts):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    texts = corpus()
    pieces = [b'"', b"\\", b"\\u", b"\\ud83d", b"{", b"}", b"[", b"]", b",", b":", b"-", b"0", b"1e5", b".", b" ",
              b"\n", b"\x00", b"\x7f", b"\xc3\xa9", b"\xff", b"null", b"tru", b"NaN", b"/"]
    taken = 0
    for _ in range(4_000):
        text = bytearray(chance.choice(texts))
        for _ in range(chance.randrange(1, 4)):
            start = chance.randrange(len(text) + 1)
            text[start:start + chance.randrange(3)] = chance.choice(pieces)
        ours = accepts(bytes(text))
        assert ours == python_accepts(bytes(text)), bytes(text)
        taken += ours
    assert 100 < taken < 3_900, taken
