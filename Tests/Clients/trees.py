"""Folders full of names that tools and servers stumble over, and digests to compare trees by."""

import hashlib
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

MIB = 1 << 20

ODD_NAMES = [
    "plain.txt", "with space", " leading space", "two  spaces", "plus+plus", "a+b c", "100%", "%20", "%2F", "%zz",
    "ünïcödé", "u\u0308 decomposed", "你好，世界", "ελληνικά", "😀.png", "עברית", ".hidden", "..two dots", "a..b", "...",
    "no-extension.", "tar.gz.zip", "-dash", "--recursive", "amp&amp;", "less<more>", "quote'single", 'quote"double',
    "back`tick", "$HOME", "hash#tag", "question?mark=1&x=2", "equals=", "semi;colon", "at@sign", "co:lon", "com,ma",
    "tilde~", "(round)", "[square]", "{curly}", "ex!clamation", "pipe|pipe", "star*", "back\\slash", "caret^",
    "CASE", "case", "Case", "x" * 200]


def odd_tree(folder, seed, count=200):
    """About `count` files of up to 100 KB, with each odd name three times, once as a folder."""
    draw = random.Random(seed)
    paths = list(ODD_NAMES)
    paths += [f"sub folder/{name}" for name in ODD_NAMES]
    paths += [f"dir-{name}/inner/{name}" for name in ODD_NAMES if name != "back\\slash"]
    paths.append("/".join(["deep-" + "y" * 55] * 12) + "/leaf")
    while len(paths) < count:
        paths.append(f"numbers/{draw.randrange(8)}/{len(paths):04d}.bin")
    # An hour old: S3 shows times of change in whole seconds, so younger files look newer than their objects.
    hour_ago = time.time() - 3600
    for path in paths:
        path = os.path.join(folder, path)
        write(path, draw.randbytes(draw.choice([0, 1, 100, 5_000, 16_384, 16_385, 100_000])))
        os.utime(path, (hour_ago, hour_ago))
    return folder


def change(folder):
    """One file is new, one is changed and one is gone; returns the tree's digests."""
    write(os.path.join(folder, "new +%25 file"), b"new")
    write(os.path.join(folder, "plain.txt"), b"another length and other bytes")
    os.remove(os.path.join(folder, "100%"))
    return digests(folder)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def digests(folder):
    """SHA-256 of each file by its path inside the folder."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            found[os.path.relpath(path, folder)] = digest(path)
    return found


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bucket_digests(s3, bucket, prefix=""):
    """The same of a bucket, read object by object; paths without the prefix."""
    keys = [
        entry["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", [])]

    def one(key):
        hasher = hashlib.sha256()
        for piece in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(MIB):
            hasher.update(piece)
        return key.removeprefix(prefix), hasher.hexdigest()

    with ThreadPoolExecutor(8) as pool:
        return dict(pool.map(one, keys))


def random_file(path, size, seed=1):
    """A file that does not compress; returns its digest."""
    draw = random.Random(seed)
    with open(path, "wb") as file:
        while size > 0:
            file.write(draw.randbytes(min(size, 8 * MIB)))
            size -= min(size, 8 * MIB)
    return digest(path)
