"""What a strict disk holds after a power cut, worked out from the journal that `journal.c` writes.

A file has the contents of its last sync, a folder the names of its last sync. What came after may have reached the
disk too, in part: each variant of an image is one way that this may have gone.
"""

import mmap
import os
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
RECORD = struct.Struct("=IIQQQQIIQ")
CREATE, MAKE_FOLDER, LINK, RENAME, REMOVE, WRITE, TRUNCATE, SYNC, EXCHANGE, UNKNOWN = range(1, 11)
PAGE = 4096

# Nothing that was not synced is there; all of it; of each file and folder a random beginning, its last write cut
# anywhere; of each file random pages, of each folder a random beginning.
VARIANTS = ("lost", "kept", "torn", "pages")


def build(folder):
    """Compiles the library; returns its path."""
    library = os.path.join(folder, "powercut.so")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library,
         os.path.join(HERE, "journal.c"), os.path.join(HERE, "calls.c"), "-ldl", "-lpthread"], check=True)
    return library


def environment(library, root, journal):
    """Variables that have a process keep a journal of what it does below `root`."""
    return {"LD_PRELOAD": library, "POWERCUT_ROOT": root, "POWERCUT_JOURNAL": journal}


class Record:
    __slots__ = ("position", "operation", "time", "file", "first", "second", "name", "second_name", "data")

    def __init__(self, memory, position, fields):
        (_, self.operation, self.time, self.file, self.first, self.second, name, second_name, data) = fields
        self.position = position
        place = position + RECORD.size
        self.name = memory[place:place + name].decode()
        place += name
        self.second_name = memory[place:place + second_name].decode()
        place += second_name
        self.data = memory[place:place + data] if data else b""


def read(journal):
    """All records of a journal, in order."""
    records = []
    with open(journal, "rb") as file:
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    position = 0
    while position + RECORD.size <= len(memory):
        fields = RECORD.unpack_from(memory, position)
        if fields[0] == 0:
            break
        records.append(Record(memory, position, fields))
        position += fields[0]
    memory.close()
    return records


def story(records, text):
    """What the journal says of the files that `text` names by their last part."""
    lines = []
    for place, record in enumerate(records):
        if record.operation == CREATE and record.name in text:
            what = [f"{later}:{each.operation}({each.first},{each.second},{len(each.data)})"
                    for later, each in enumerate(records[place:], place)
                    if each.file == record.file]
            lines.append(f"{record.name}, inode {record.file}: {' '.join(what)}")
    return "; ".join(lines)[:2000]


class File:
    def __init__(self, content=b""):
        self.content = bytearray(content)  # as of the last sync
        self.pending = []  # (position, "write", offset, bytes) or (position, "truncate", length, None)

    def sync(self, until):
        for change in self.pending:
            if change[0] < until:
                apply(self.content, change)
        self.pending = [change for change in self.pending if change[0] >= until]

    def after(self, variant, dice):
        content = bytearray(self.content)
        if variant == "lost" or not self.pending:
            return content
        if variant == "pages":
            return self.with_pages(content, dice)
        changes = self.pending
        if variant == "torn":
            changes = changes[:dice.randrange(len(changes) + 1)]
            if changes and changes[-1][1] == "write" and dice.random() < 0.7:
                position, kind, offset, data = changes[-1]
                changes = changes[:-1] + [(position, kind, offset, data[:dice.randrange(len(data) + 1)])]
        for change in changes:
            apply(content, change)
        return content

    def with_pages(self, content, dice):
        """The file has its new length, or an earlier one, and each page its new content or that before."""
        full = bytearray(content)
        for change in self.pending:
            apply(full, change)
        if dice.random() < 0.5:
            full = full[:dice.randrange(len(content), len(full) + 1)] if len(full) > len(content) else full
        content.extend(bytes(max(0, len(full) - len(content))))
        del content[len(full):]
        for start in range(0, len(full), PAGE):
            if content[start:start + PAGE] != full[start:start + PAGE] and dice.random() < 0.5:
                content[start:start + PAGE] = full[start:start + PAGE]
        return content


def apply(content, change):
    _, kind, place, data = change
    if kind == "truncate":
        if place < len(content):
            del content[place:]
        content.extend(bytes(place - len(content)))
        return
    if place > len(content):
        content.extend(bytes(place - len(content)))
    content[place:place + len(data)] = data


class Folder:
    def __init__(self):
        self.names = {}  # as of the last sync: name -> file or folder
        self.pending = []  # (position, [(name, file or folder, None when it goes)])

    def sync(self, until):
        for position, changes in self.pending:
            if position < until:
                rename(self.names, changes)
        self.pending = [change for change in self.pending if change[0] >= until]

    def after(self, variant, dice):
        names = dict(self.names)
        if variant == "lost":
            return names
        changes = self.pending
        if variant != "kept":
            changes = changes[:dice.randrange(len(changes) + 1)]
        for _, change in changes:
            rename(names, change)
        return names


def rename(names, changes):
    for name, thing in changes:
        if thing is None:
            names.pop(name, None)
        else:
            names[name] = thing


class Disk:
    """Carries out a journal, record by record. What lay below `root` at its start is taken to be durable."""

    def __init__(self, root):
        self.things = {}
        self.root = self.scan(root)
        self.count = 0

    def scan(self, path):
        folder = self.things[os.stat(path).st_ino] = Folder()
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                folder.names[entry.name] = self.scan(entry.path)
            else:
                thing = self.things.get(entry.inode())
                if thing is None:
                    with open(entry.path, "rb") as file:
                        thing = self.things[entry.inode()] = File(file.read())
                folder.names[entry.name] = thing
        return folder

    def carry_out(self, record):
        self.count += 1
        operation, things = record.operation, self.things
        if operation == CREATE:
            things[record.file] = File()
        elif operation == MAKE_FOLDER:
            things[record.file] = Folder()
        if operation in (CREATE, MAKE_FOLDER, LINK):
            things[record.first].pending.append((record.position, [(record.name, things[record.file])]))
        elif operation == REMOVE:
            things[record.first].pending.append((record.position, [(record.name, None)]))
        elif operation == RENAME:
            gone, come = (record.name, None), (record.second_name, things[record.file])
            if record.first == record.second:
                things[record.first].pending.append((record.position, [gone, come]))
            else:
                things[record.first].pending.append((record.position, [gone]))
                things[record.second].pending.append((record.position, [come]))
        elif operation == EXCHANGE:
            assert record.first == record.second, "an exchange between two folders"
            folder = things[record.first]
            now = folder.after("kept", None)
            one, other = record.name, record.second_name
            folder.pending.append((record.position, [(one, now[other]), (other, now[one])]))
        elif operation == WRITE:
            things[record.file].pending.append((record.position, "write", record.first, record.data))
        elif operation == TRUNCATE:
            things[record.file].pending.append((record.position, "truncate", record.first, None))
        elif operation == SYNC:
            if record.file in things:  # folders above the root are synced too
                things[record.file].sync(record.first)
        else:
            raise AssertionError(f"the journal cannot follow: {record.name}")

    def image(self, target, variant, dice):
        """Writes what the disk may hold now as the new folder `target`."""
        written = {}
        self.write(self.root, target, variant, dice, written)

    def write(self, folder, target, variant, dice, written):
        os.mkdir(target, 0o700)
        for name, thing in sorted(folder.after(variant, dice).items()):
            path = os.path.join(target, name)
            if isinstance(thing, Folder):
                self.write(thing, path, variant, dice, written)
            elif thing in written:
                os.link(written[thing], path)
            else:
                with open(path, "wb") as file:
                    file.write(thing.after(variant, dice))
                written[thing] = path
