"""Turns the measurements of bench/run into the table of docs/benchmarks.md. Text outside the markers is kept.

`report.py write RESULTS DOCUMENT` · `report.py half-rate RESULTS` prints half the rate of one purchase per call.
"""

import json
import platform
import re
import subprocess
import sys
from statistics import median

BEGIN, END = "<!-- measured: begin (written by bench/run) -->", "<!-- measured: end -->"


def main():
    results = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
    if sys.argv[1] == "half-rate":
        print(round(median(values(results, "http", "ours")) / 2))
        return
    path = sys.argv[3]
    text = open(path, encoding="utf-8").read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    measured = "\n".join([BEGIN, "", *machine(), "", *table(results), "", *spending(results), *growth(results), *loads(results), "", END])
    open(path, "w", encoding="utf-8").write(before + measured + after)


def values(results, row, side, field="per_second"):
    return [result["result"][field] for result in results if result["row"] == row and result["side"] == side]


def ratio(results, row, other, field="per_second"):
    """Ratio of each round, ours to theirs; the median of them, with the least and the most."""
    pairs = zip(values(results, row, "ours", field), values(results, row, other, field))
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    return (median(ratios), ratios[0], ratios[-1]) if ratios else None


def percent(found):
    return "–" if not found else f"**{found[0]:.0%}** ({found[1]:.0%} to {found[2]:.0%})"


def times(found):
    return "–" if not found else f"**{found[0]:.2f} times** ({found[1]:.2f} to {found[2]:.2f})"


def rate(results, row, side):
    found = values(results, row, side)
    return f"{median(found):,.0f}/s" if found else "–"


def middle(results, row, side, field):
    found = values(results, row, side, field)
    return median(found) if found else float("nan")


def table(results):
    ours = lambda row: rate(results, row, "ours")
    memory = max(values(results, "http", "ours", "server_memory_mib") + values(results, "bulk", "ours", "server_memory_mib") or [0])
    p99 = values(results, "p99", "ours", "p99_ms")
    imported = lambda side: (
        f"{middle(results, 'import', side, 'processor_seconds'):.1f} s CPU, {middle(results, 'import', side, 'memory_mib'):.0f} MiB"
    )
    rows = [
        ("`POST /v1/purchases`, one per call, 64 connections, SQLite, against the same HTTP server doing no work",
         "≥ 35 %", percent(ratio(results, "http", "floor")), f"{ours('http')} · {rate(results, 'http', 'floor')}", "http"),
        ("the same, 1,000 per call, against a bare loop inserting the same rows in batches of 1,000",
         "≥ 60 %", percent(ratio(results, "bulk", "floor")), f"{ours('bulk')} · {rate(results, 'bulk', 'floor')}", "bulk"),
        ("PostgreSQL, one per call, 64 connections, against pgbench (TPC-B-like, scale 100, prepared, 64 clients)",
         "≥ 3 times, aim 5", times(ratio(results, "postgres", "pgbench")), f"{ours('postgres')} · {rate(results, 'postgres', 'pgbench')}", "postgres"),
        ("… and against a bare loop of array inserts (16 per transaction, 4 connections, as the lanes do)",
         "≥ 50 %", percent(ratio(results, "postgres", "floor")), f"{ours('postgres')} · {rate(results, 'postgres', 'floor')}", "postgres"),
        ("decide only: rules, ledger and tiers, no store, per core",
         "≥ 500,000/s", f"**{rate(results, 'decide', 'rules, ledger and tiers')}**", f"rules alone {rate(results, 'decide', 'rules only')}", "decide"),
        ("replay of a history from CSV into SQLite, against the bare loop inserting the same rows",
         "≥ 60 %", percent(ratio(results, "replay", "floor")), f"{ours('replay')} · {rate(results, 'replay', 'floor')}", "replay"),
        ("import of CSV: processor time of reading and grouping, against DuckDB",
         "≤ 5 times", times(ratio(results, "import", "duckdb", "processor_seconds")), f"{imported('ours')} · {imported('duckdb')}", "import"),
        ("… against polars",
         "≤ 5 times, memory < 300 MiB", times(ratio(results, "import", "polars", "processor_seconds")), f"{imported('ours')} · {imported('polars')}", "import"),
        ("p99 at half the maximum rate, fixed rate, counted from the moment each request was due",
         "< 25 ms", f"**{median(p99):.1f} ms** ({min(p99):.1f} to {max(p99):.1f})" if p99 else "–",
         f"at {ours('p99')}, p50 {middle(results, 'p99', 'ours', 'p50_ms'):.1f} ms, p99.9 {middle(results, 'p99', 'ours', 'p999_ms'):.1f} ms", "p99"),
        ("memory of the server at full load (peak, one per call and 1,000 per call)",
         "< 300 MiB", f"**{memory} MiB**" if memory else "–", "", "http,bulk"),
    ]
    lines = ["| what | aim | measured | ours · theirs (medians) | command |", "|---|---|---|---|---|"]
    return lines + [f"| {what} | {aim} | {found} | {both} | `bench/run --only {command}` |" for what, aim, found, both, command in rows]


def spending(results):
    """Spending, vouchers and the night in which points lapse."""
    rows = []
    shares = sorted(values(results, "redeem", "ours", "share"))
    if shares:
        both = [median(values(results, "redeem", "ours", field)) for field in ("redemptions_per_second", "purchases_per_second")]
        rows.append(("hold and capture, against single purchases of the same 100,000 members, 64 callers of the engine, SQLite", "≥ 40 %",
                     percent((median(shares), shares[0], shares[-1])), f"{both[0]:,.0f}/s · {both[1]:,.0f}/s", "redeem"))
    for result in [result["result"] for result in results if result["row"] == "codes"]:
        if "live" in result:
            rows.append((f"100,000 voucher codes, the last of {result['live']:,}", "< 2 s", f"**{result['last_100000_seconds']:.2f} s**", "", "codes"))
        else:
            what = "that are there" if result["checks"] == "known" else "that nobody drew"
            rows.append((f"check of a voucher code, one at a time, codes {what}", "p99 < 10 ms",
                         f"**{result['p99_us'] / 1000:.2f} ms**", f"p50 {result['p50_us'] / 1000:.2f} ms, {result['count']:,} checks", "codes"))
    for result in [result["result"] for result in results if result["row"] == "statement"]:
        rows.append((f"a statement of {result['members']:,} members, {result['vouchers']:,} vouchers, SQLite", "≥ 20,000 members/s",
                     f"**{result['members_per_second']:,.0f}/s**", f"{result['seconds']:.0f} s", "statement"))
    night = {side: [result["result"] for result in results if result["row"] == "night" and result["side"] == side] for side in ("ours", "floor", "tills")}
    if all(night.values()):
        ours, floor, tills = (night[side][0] for side in ("ours", "floor", "tills"))
        rows.append((f"the night in which three lots each of {ours['accounts']:,} members end, against a bare loop writing the same rows", "≤ 3 times",
                     f"**{ours['seconds'] / floor['seconds']:.2f} times**", f"{ours['seconds']:.0f} s · {floor['seconds']:.0f} s, {ours['memory_mib']} MiB", "night"))
        rows.append((f"p99 of purchases in such a night, {tills['purchases'] / tills['seconds']:,.0f} a second from the moment each was due", "< 50 ms",
                     f"**{tills['p99_ms']:.0f} ms**", f"p50 {tills['p50_ms']:.1f} ms; the night took {tills['seconds']:.0f} s", "night"))
    if not rows:
        return []
    lines = ["Spending, through the engine in one process:", "", "| what | aim | measured | ours · theirs | command |", "|---|---|---|---|---|"]
    return lines + [f"| {what} | {aim} | {found} | {both} | `bench/run --only {command}` |" for what, aim, found, both, command in rows] + [""]


def growth(results):
    sizes = [result["result"] for result in results if result["row"] == "growth"]
    if not sizes:
        return []
    lines = ["Growth on 1,000,000 members, through the engine, 1,000 per call (`bench/run --only growth`, with `--long` to 10⁷):", "",
             "| purchases in the ledger | purchases per second since the size before | processor time each | bytes each | memory |", "|---|---|---|---|---|"]
    lines += [f"| {size['count']:,} | {size['per_second']:,.0f} | {size['processor_us']:.0f} µs | {size['bytes_each']:,.0f} | {size['memory_mib']} MiB |" for size in sizes]
    return [*lines, ""]


def loads(results):
    loads = [result["load"] for result in results]
    return [f"Load average of the machine when the figures were taken: {min(loads):.1f} to {max(loads):.1f}, median {median(loads):.1f}."] if loads else []


def machine():
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo", encoding="utf-8").read())
    cores = output("nproc")
    memory = int(re.search(r"MemTotal:\s*(\d+)", open("/proc/meminfo", encoding="utf-8").read()).group(1)) // 1024 // 1024
    lock = open("Cargo.lock", encoding="utf-8").read()
    crate = re.search(r'name = "libsqlite3-sys"\nversion = "([^"]*)"', lock)
    header = output("sh", "-c", "sed -n 's/^#define SQLITE_VERSION  *\"\\(.*\\)\"/\\1/p' ${CARGO_HOME:-$HOME/.cargo}/registry/src/*/libsqlite3-sys-%s/sqlite3/sqlite3.h | head -1" % (crate.group(1) if crate else ""))
    postgres = output("sh", "-c", "$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/postgres --version")
    return [f"Machine: {cores} cores, {model.group(1) if model else platform.machine()}, {memory} GiB, Linux {platform.release()}; "
            f"{output('rustc', '--version')}; SQLite {header}; {postgres}; commit {output('git', 'rev-parse', '--short', 'HEAD')}, {output('date', '-u', '+%Y-%m-%d')}. "
            "Load generator, server and database share the two cores."]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


main()
