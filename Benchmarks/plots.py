#!/usr/bin/env python3
"""Draws what scripts/bench measured against the number of records: docs/performance/figures.json into SVGs beside it.

    python3 Benchmarks/plots.py

Standard library alone. Legible on light and dark pages: a browser chooses the colours.
"""
import html, json, math, os, time

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "performance")
FIGURES = os.path.join(FOLDER, "figures.json")

# File, title, and the lines: name in figures.json, what a reader calls it.
PLOTS = [
    ("rates", "Records a second", [
        ("limitPerSecond", "raw SQLite in C"), ("rivalPerSecond", "PostgreSQL"), ("pullPerSecond", "first pull"),
        ("pushPerSecond", "push of 100,000"), ("importPerSecond", "import")]),
    ("commands", "Milliseconds, from a command's start to its end", [
        ("changed100Ms", "sync, 100 changed"), ("changed1Ms", "sync, 1 changed"), ("unchangedMs", "sync, none changed"), ("getMs", "get")]),
    ("bytes", "Bytes a record", [("storeBytes", "in a store"), ("jsonBytes", "as JSON"), ("wireBytes", "on the wire")]),
    ("memory", "MiB of memory at the most", [
        ("clientPeakMiB", "first pull, client"), ("importPeakMiB", "import"), ("serverPeakMiB", "first pull, server")]),
]
LIGHT = {"paper": "#ffffff", "ink": "#1f2328", "faint": "#59636e", "grid": "#d1d9e0",
         "lines": ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989"]}
DARK = {"paper": "#0d1117", "ink": "#f0f6fc", "faint": "#9198a1", "grid": "#3d444d",
        "lines": ["#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#f778ba"]}

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 530, 50, 330
LABEL_GAP = 17
# More than that, and the figures say little.
OTHERS_CORES_MAX = 0.15


def keep(report):
    os.makedirs(FOLDER, exist_ok=True)
    with open(FIGURES, "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")


def draw():
    with open(FIGURES) as file:
        report = json.load(file)
    for name, title, lines in PLOTS:
        with open(os.path.join(FOLDER, f"{name}.svg"), "w") as file:
            file.write(plot(report, title, lines))


def style(colours):
    rules = [f".paper{{fill:{colours['paper']}}}", f".ink{{fill:{colours['ink']}}}", f".faint{{fill:{colours['faint']}}}",
             f".grid{{stroke:{colours['grid']}}}"]
    for number, colour in enumerate(colours["lines"]):
        rules.append(f".line{number}{{stroke:{colour}}}.dot{number}{{fill:{colour}}}")
    return "".join(rules)


def step(top):
    """A round distance between ticks, of which four to eight make up the axis."""
    unit = 10 ** math.floor(math.log10(top / 4))
    return next(unit * factor for factor in (1, 2, 2.5, 5, 10) if top / (unit * factor) <= 8)


def number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def text(x, y, words, css="ink", anchor="start", size=13, weight="normal"):
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">{html.escape(words)}</text>'


def apart(places):
    """Where labels go so that none hides another: as near as can be to where they want to be."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    result = list(places)
    for before, after in zip(order, order[1:]):
        result[after] = max(result[after], result[before] + LABEL_GAP)
    result[order[-1]] = min(result[order[-1]], BOTTOM)
    for after, before in zip(order[::-1], order[-2::-1]):
        result[before] = min(result[before], result[after] - LABEL_GAP)
    return result


def plot(report, title, lines):
    sizes = report["sizes"]
    lines = [(name, words) for name, words in lines if any(size.get(name) is not None for size in sizes)]
    highest = max(size[name] for size in sizes for name, _ in lines if size.get(name) is not None)
    distance = step(highest)
    top = distance * math.ceil(highest / distance)
    first, last = (math.log10(size["records"]) for size in (sizes[0], sizes[-1]))

    def x(records):
        return LEFT + (RIGHT - LEFT) * (0.5 if first == last else (math.log10(records) - first) / (last - first))

    def y(value):
        return BOTTOM - (BOTTOM - TOP) * value / top

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
           f'font-family="system-ui, sans-serif"><title>{html.escape(title)}, against the number of records</title>',
           f"<style>{style(LIGHT)}@media (prefers-color-scheme: dark){{{style(DARK)}}}</style>",
           f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>', text(16, 26, title, size=16, weight="bold")]
    for tick in range(round(top / distance) + 1):
        value = tick * distance
        out += [f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>',
                text(LEFT - 8, y(value) + 4, f"{value:,.0f}", css="faint", anchor="end", size=12)]
    for size in sizes:
        out.append(text(x(size["records"]), BOTTOM + 20, f"{size['records']:,}", css="faint", anchor="middle", size=12))
    out.append(text((LEFT + RIGHT) / 2, BOTTOM + 40, "records in the store", css="faint", anchor="middle", size=12))

    drawn = [[(x(size["records"]), y(size[name]), size) for size in sizes if size.get(name) is not None] for name, _ in lines]
    labels = apart([points[-1][1] for points in drawn])
    for index, ((name, words), points, label) in enumerate(zip(lines, drawn, labels)):
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py, _ in points)
        out.append(f'<polyline class="line{index}" fill="none" stroke-width="2" points="{path}"/>')
        for px, py, size in points:
            told = f"{words}, {size['records']:,} records: {number(size[name])}"
            out.append(f'<circle class="dot{index}" cx="{px:.1f}" cy="{py:.1f}" r="3.5"><title>{html.escape(told)}</title></circle>')
        out.append(f'<circle class="dot{index}" cx="{RIGHT + 18}" cy="{label:.1f}" r="4"/>')
        out.append(text(RIGHT + 28, label + 4.5, f"{words}: {number(points[-1][2][name])}"))
    out.append(text(16, HEIGHT - 12, origin(report), css="faint", size=11))
    return "\n".join(out + ["</svg>\n"])


def origin(report):
    date = time.strptime(report["date"], "%Y-%m-%d")
    others = max(size["othersCores"] for size in report["sizes"])
    alone = "nothing else running" if others <= OTHERS_CORES_MAX else f"OTHERS AT WORK on {others:.1f} cores: not to be compared"
    return f"State {report['state']}, {date.tm_mday} {time.strftime('%B %Y', date)}, {report['cores']} × {report['processor']}, {alone}."


if __name__ == "__main__":
    draw()
