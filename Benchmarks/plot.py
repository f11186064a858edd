"""A chart of the store's behaviour by its size, as SVG without any library."""

import math

PANELS = [
    ("Requests/s, 32 connections", [("GetItem", "#0b6", "GetItem"), ("Query of 10", "#06c", "Query of 10")], None),
    ("Resident memory, MiB", [("residentMB", "#a3c", "resident")], 200),
    ("Opening, ms", [("openMs", "#0b6", "after a stop"), ("openAfterKillWorstMs", "#c40", "after kill -9, worst")], 100),
]
WIDTH, HEIGHT, LEFT, TOP, GAP = 250, 170, 62, 48, 96


def write(rows, path):
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + len(PANELS) * (WIDTH + GAP)}" '
        f'height="{TOP + HEIGHT + 74}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>']
    for number, (title, lines, limit) in enumerate(PANELS):
        parts += panel(rows, LEFT + number * (WIDTH + GAP), title, lines, limit)
    with open(path, "w") as file:
        file.write("\n".join(parts + ["</svg>"]) + "\n")


def panel(rows, left, title, lines, limit):
    highest = max([row[field] for row in rows for field, _, _ in lines] + [limit or 0]) * 1.1
    low, high = math.log10(rows[0]["items"]), math.log10(rows[-1]["items"])

    def x(items):
        return left + WIDTH * (0.5 if high == low else (math.log10(items) - low) / (high - low))

    def y(value):
        return TOP + HEIGHT * (1 - value / highest)

    parts = [
        f'<text x="{left}" y="{TOP - 22}" font-weight="bold">{title}</text>',
        f'<rect x="{left}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>']
    for value in ticks(highest):
        parts.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#eee"/>')
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    for row in rows:
        parts.append(
            f'<text x="{x(row["items"]):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{short(row["items"])}</text>')
    if limit:
        parts.append(
            f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(limit):.1f}" y2="{y(limit):.1f}" stroke="#c00" '
            f'stroke-dasharray="5 4"/><text x="{left + 4}" y="{y(limit) - 5:.1f}" fill="#c00">target {limit}</text>')
    for number, (field, colour, label) in enumerate(lines):
        points = " ".join(f'{x(row["items"]):.1f},{y(row[field]):.1f}' for row in rows)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(row["items"]):.1f}" cy="{y(row[field]):.1f}" r="3" fill="{colour}"/>' for row in rows]
        parts.append(
            f'<text x="{left + 4 + 130 * number}" y="{TOP + HEIGHT + 40}" fill="{colour}">{label}</text>')
    parts.append(f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 60}" text-anchor="middle">items</text>')
    return parts


def ticks(highest):
    """Round numbers, four to eight of them."""
    unit = 10 ** math.floor(math.log10(highest))
    spacing = next(unit * part for part in (0.1, 0.2, 0.5, 1, 2) if highest / (unit * part) <= 8)
    return [spacing * n for n in range(int(highest / spacing) + 1)]


def short(items):
    return f"{items // 1_000_000}M" if items % 1_000_000 == 0 else f"{items // 1000}k"
