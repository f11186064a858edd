"""A root file system older than Lambda's: Debian 11 with glibc 2.31, where a function finds nothing but the base
system and its own zip."""

import fcntl
import glob
import os
import shutil
import subprocess
import zipfile

import pytest
from running import ROOT

SUITE = "bullseye"
# The archive keeps what the mirrors give up after a release's end.
MIRRORS = ("http://deb.debian.org/debian", "http://archive.debian.org/debian")
CACHE = os.path.join(ROOT, ".build/oldroot")
# Where Amazon Linux 2023 has its certificate authorities.
AUTHORITIES = "etc/pki/tls/certs/ca-bundle.crt"


def as_root(*command):
    """For users who are not root: as root of a name space of their own."""
    return list(command) if os.geteuid() == 0 else ["unshare", "--map-root-user", *command]


def download(folder):
    """The packages of the base system; the words of debootstrap if no mirror gives them."""
    words = []
    for mirror in MIRRORS:
        shutil.rmtree(folder, ignore_errors=True)
        command = as_root("debootstrap", "--download-only", "--variant=minbase", SUITE, folder, mirror)
        try:
            result = subprocess.run(
                command, capture_output=True, text=True, timeout=300,
                env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        except subprocess.TimeoutExpired:
            words.append(f"{mirror}: no end after 300 s")
            continue
        if result.returncode == 0:
            return None
        said = (result.stderr + result.stdout).strip().splitlines()
        words.append(f"{mirror}: {said[-1] if said else result.returncode}")
    return "; ".join(words)


def tarball():
    """Made once, then kept in .build."""
    os.makedirs(CACHE, exist_ok=True)
    path = os.path.join(CACHE, f"{SUITE}.tar")
    with open(os.path.join(CACHE, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(path):
            return path
        packages, tree = os.path.join(CACHE, "packages"), os.path.join(CACHE, "tree")
        if reason := download(packages):
            pytest.skip(f"debootstrap reaches no mirror of Debian 11 ({reason})")
        shutil.rmtree(tree, ignore_errors=True)
        os.makedirs(tree)
        # Unpacked, not installed: nothing of it runs, and that needs no rights.
        for package in sorted(glob.glob(packages + "/var/cache/apt/archives/*.deb")):
            subprocess.run(["dpkg-deb", "-x", package, tree], check=True)
        subprocess.run(["tar", "-C", tree, "-cf", path + ".new", "."], check=True)
        os.rename(path + ".new", path)
        shutil.rmtree(tree)
        shutil.rmtree(packages, ignore_errors=True)
    return path


class OldRoot:
    """The unpacked system; one function at a time is in it."""

    def __init__(self, folder):
        self.folder = str(folder)
        subprocess.run(["tar", "-C", self.folder, "-xf", tarball()], check=True)
        with open(self.path("etc/hosts"), "w") as file:
            file.write("127.0.0.1 localhost\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, content, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)
        os.chmod(self.path(name), mode)

    def trust(self, authority):
        """`authority`: a certificate, PEM; None for a system without any."""
        if authority is None:
            os.unlink(self.path(AUTHORITIES))
        else:
            self.put(AUTHORITIES, authority)

    def unpack(self, package):
        """As Lambda does: the zip alone is in /var/task, with the modes that it says."""
        shutil.rmtree(self.path("var/task"), ignore_errors=True)
        with zipfile.ZipFile(package) as archive:
            for entry in archive.infolist():
                self.put("var/task/" + entry.filename, archive.read(entry), entry.external_attr >> 16 & 0o777)

    def start(self, *command, environment=None):
        """A process whose root this is, and which sees no other process; it ends with the one that is returned."""
        script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
        return subprocess.Popen(
            as_root(*(["unshare"] if os.geteuid() == 0 else []), "--mount", "--pid", "--fork", "--kill-child",
                    "sh", "-c", script, self.folder, *command),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**(environment or {}), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def run(self, *command):
        with self.start(*command) as process:
            output = process.communicate(timeout=60)[0]
        return process.returncode, output
