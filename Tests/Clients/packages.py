"""Zips for functions, as deployments and `emulator doctor` take them."""

import zipfile


def write_package(path, program, name="bootstrap", mode=0o755, method=zipfile.ZIP_DEFLATED):
    """A zip with one program, text or bytes."""
    with zipfile.ZipFile(path, "w") as package:
        entry = zipfile.ZipInfo(name)
        entry.create_system = 3
        entry.external_attr = (0o100000 | mode) << 16
        entry.compress_type = method
        package.writestr(entry, program)
    return path
