"""What `objects.py` found, as targets met or not, as tables and as a chart."""

import math

from harness import table

CONNECTIONS = [1, 32, 256]
REQUESTS = ["GET 1 KB", "PUT 1 KB", "GET 1 MB", "PUT 1 MB", "DELETE", "LIST few", "LIST many"]
BULK = ["GET 1 GiB", "PUT 1 GiB"]
SERVERS = [("emulator", "#0b6"), ("nginx", "#888"), ("moto", "#c40"), ("MiniStack", "#06c")]
TITLES = {"LIST few": "LIST of 1,000 in a bucket of 1,000", "LIST many": "LIST of 1,000 in a bucket of {keys:,}"}


def loads(result):
    merged = {}
    for part in ("small", "lists", "bulk", "peers"):
        merged |= {key: value for key, value in result.get(part, {}).items() if "@" in key}
    # What the peers list is a bucket of a thousand keys.
    return {key.replace("LIST@", "LIST few@"): value for key, value in merged.items()}


def verdicts(result):
    """Each target of the project with what was found."""
    found, lines = loads(result), []

    def ratio(text, least, above, below, most=None):
        if above in found and below in found and found[below]["rate"] > 0:
            value = found[above]["rate"] / found[below]["rate"]
            is_met = value >= least if most is None else value <= most
            lines.append({"target": text, "met": is_met, "found": f"{value:.2f}"})

    for count in CONNECTIONS:
        at = f"{count} connection{'s' if count > 1 else ''}"
        ratio(f"GET of 1 GiB at least 0.9 of nginx, {at}", 0.9, f"GET 1 GiB@{count}@emulator", f"GET 1 GiB@{count}@nginx")
    for count in CONNECTIONS:
        at = f"{count} connection{'s' if count > 1 else ''}"
        ratio(f"GET of 1 KB at least 0.5 of nginx, {at}", 0.5, f"GET 1 KB@{count}@emulator", f"GET 1 KB@{count}@nginx")
    ratio("durable PUT of 1 KB at least 20 times moto, 32 connections", 20, "PUT 1 KB@32@emulator", "PUT 1 KB@32@moto")
    for count in CONNECTIONS:
        at = f"{count} connection{'s' if count > 1 else ''}"
        keys = result.get("lists", {}).get("keys", 0)
        ratio(f"a page of LIST in a bucket of {keys:,} keys within 1.5 times of one of 1,000, {at}", None,
              f"LIST few@{count}@emulator", f"LIST many@{count}@emulator", most=1.5)
    return lines


def markdown(result):
    parts = [
        f"Measured by `make bench-s3` on {result['machine']} in {result['minutes']} minutes: signed requests, no two the "
        "same, played by wrk on the same cores; medians of interleaved rounds. Every PUT and DELETE of the emulator is "
        "synced to the disk before it is answered; the peers keep all in memory. nginx serves the same bytes from files "
        "with sendfile, as many workers as cores, and judges no signature.",
        "\n".join(f"- {part}: {text}" for part, text in result["runs"].items())]
    if result["verdicts"]:
        parts.append(table(
            ["Target", "Met", "Found"],
            [(v["target"], "yes" if v["met"] else "**no**", v["found"]) for v in result["verdicts"]]))
    found = loads(result)
    parts.append(request_table(found, result.get("lists", {}).get("keys", 0)))
    parts.append(bulk_table(found))
    if "lists" in result:
        lists = result["lists"]
        parts.append(
            f"{lists['keys']:,} empty objects were put in {lists['loadSeconds']} s over 64 connections; the emulator then "
            f"has {result['residentMB']} MiB resident.")
    parts.append("![Requests a second of each server](objects.svg)")
    return "\n\n".join(parts) + "\n"


def request_table(found, keys):
    rows = []
    for name in REQUESTS:
        for count in CONNECTIONS:
            ours = found.get(f"{name}@{count}@emulator")
            if ours is None:
                continue
            row = [TITLES.get(name, name).format(keys=keys), count, f"{ours['rate']:,.0f}", f"{ours['p50']:.2f}",
                   f"{ours['p99']:.2f}"]
            rows.append(row + others(found, name, count, ours["rate"], "{:,.0f}"))
    return table(
        ["Load", "Connections", "Requests/s", "p50, ms", "p99, ms", "nginx", "of nginx", "moto", "times faster",
         "MiniStack", "times faster"], rows)


def bulk_table(found):
    """Uploads of one connection are whole and synced; of many, what the server takes until they are cut off."""
    rows = []
    for name in BULK:
        for count in CONNECTIONS:
            ours = found.get(f"{name}@{count}@emulator")
            if ours is not None:
                rows.append([name, count, f"{ours['rate']:,.0f}", *others(found, name, count, ours["rate"], "{:,.0f}")])
    return table(
        ["Load", "Connections", "MiB/s", "nginx", "of nginx", "moto", "times faster", "MiniStack", "times faster"], rows)


def others(found, name, count, rate, form):
    cells = []
    for server, _ in SERVERS[1:]:
        peer = found.get(f"{name}@{count}@{server}", {}).get("rate")
        share = rate / peer if peer else 0
        cells += [form.format(peer), f"{share:.2f}" if server == "nginx" else f"{share:,.0f}"] if peer else ["", ""]
    return cells


# MARK: chart


def plot(result, path):
    """Horizontal bars on a logarithmic scale: requests a second at 32 connections."""
    found = loads(result)
    left, width, bar, top = 250, 560, 13, 60
    names = [name for name in REQUESTS if f"{name}@32@emulator" in found]
    if not names:
        return
    highest = math.log10(max(value["rate"] for key, value in found.items() if "GiB" not in key)) + 0.3
    parts, y = [], top
    for name in names:
        title = TITLES.get(name, name).format(keys=result.get("lists", {}).get("keys", 0))
        parts.append(f'<text x="{left - 8}" y="{y + bar}" text-anchor="end">{title}</text>')
        for server, colour in SERVERS:
            rate = found.get(f"{name}@32@{server}", {}).get("rate")
            if rate:
                long = width * max(math.log10(rate), 0.02) / highest
                parts.append(f'<rect x="{left}" y="{y}" width="{long:.1f}" height="{bar - 2}" fill="{colour}"/>')
                parts.append(f'<text x="{left + long + 5:.1f}" y="{y + bar - 3}" font-size="10">{rate:,.0f}</text>')
                y += bar
        y += 10
    legend = "".join(
        f'<rect x="{left + 110 * n}" y="34" width="10" height="10" fill="{colour}"/>'
        f'<text x="{left + 110 * n + 14}" y="43">{server}</text>' for n, (server, colour) in enumerate(SERVERS))
    with open(path, "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" height="{y + 10}" '
            'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
            f'<text x="{left}" y="20" font-weight="bold">Requests/s, 32 connections, logarithmic</text>{legend}'
            + "\n".join(parts) + "</svg>\n")
