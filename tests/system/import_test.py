"""Imports: broken lines are reported and the rest is kept; stopped anywhere, an import goes on there and
counts nothing twice; the table "Online Retail" comes in with the totals that its README states.

The table is expected in ../shared/data/online_retail beside this tree, or where BATUTA_DATASETS points.
Where it is absent that part is skipped, unless CI is set.
"""

import csv
import gzip
import json
import os
import signal
import subprocess
import time

from harness import BATUTA, ROOT, Hub, check, check_equal, port_of_ones_own, run, run_cli

DATASETS = os.environ.get("BATUTA_DATASETS", os.path.join(ROOT, "../shared/data"))
RETAIL = os.path.join(DATASETS, "online_retail/online_retail_visible.csv.gz")
ROWS, CUSTOMERS, WITHOUT, CANCELLED, SUM = 405_973, 3_866, 103_972, 7_505, 7_393_145.79

MAP = """\
event: Order Completed
userId: ${Customer}
timestamp: ${When}
properties:
  amount: {column: Amount, as: number}
"""
TABLE = b"""\
Customer,When,Amount
c1,2026-01-01 10:00:00,12.50
c2,2026-01-02 10:00:00
c3,not a time,1
c4,2026-01-04 10:00:00,much
"c5"x,2026-01-05 10:00:00,1
c\xff6,2026-01-06 10:00:00,1
,2026-01-07 10:00:00,1
"c8
",2026-01-08,"1"

c9,1850-01-01,1
"c10,2026-01-10,1
"""
LINES = b"""\
{"type":"track","userId":"n1","event":"E","properties":{"big":9007199254740993}}
{"type":"track","userId":"n2"}
{"type":"track","userId":"n3","event":"E"
[1]

{"type":"track","userId":"n4","event":"E","messageId":"own"}
{"type":"dance","userId":"n5"}
"""


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
    return path


def report_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {int(row["line"]): row["code"] for row in csv.DictReader(file)}


def test_broken_table(hub, folder):
    table = write(folder + "/orders.csv", TABLE)
    ran = hub.cli("import", table, "--map", write(folder + "/map.yaml", MAP.encode()))
    check_equal(ran.code, 0, ran.err)
    check_equal(report_of(table + ".rejected.csv"),
                {3: "wrong_columns", 4: "bad_time", 5: "wrong_type", 6: "bad_quote", 7: "not_utf8",
                 8: "missing_identifier", 12: "time_out_of_range", 13: "unclosed_quote"},
                "the report")
    check_equal({k: ran.rows[0][k] for k in ("rows", "accepted", "rejected")},
                {"rows": 10, "accepted": 2, "rejected": 8}, "the counts")
    entries = hub.client().timeline("user_id:c1")
    check_equal([(e["time"], e["properties"]["amount"]) for e in entries],
                [("2026-01-01T10:00:00Z", 12.5)], "the order of c1")
    # Again: nothing is sent; with --restart nothing is doubled.
    before = hub.client().settled_stats(2)
    check_equal(hub.cli("import", table, "--map", folder + "/map.yaml").code, 0, "again")
    again = hub.cli("import", table, "--map", folder + "/map.yaml", "--restart")
    check_equal(again.rows[0]["accepted"], 2, "accepted again")
    after = hub.client().settled_stats(before["duplicates"] + 2, "duplicates")
    check_equal(after["events"], before["events"], "events after the second import")
    write(table, TABLE + b"c11,2026-01-11,1\n")
    check_equal(hub.cli("import", table, "--map", folder + "/map.yaml").code, 4, "another file")


def test_broken_lines(hub, folder):
    lines = folder + "/events.ndjson.gz"
    write(lines, gzip.compress(LINES))
    ran = hub.cli("import", lines, "--ndjson")
    check_equal(ran.code, 0, ran.err)
    check_equal(report_of(lines + ".rejected.csv"),
                {2: "missing_event", 3: "not_json", 4: "not_an_object", 7: "unknown_type"},
                "the report")
    check_equal(len(hub.client().timeline("user_id:n4")), 1, "events of n4")


def test_keys(hub, folder):
    lines = write(folder + "/keys.ndjson", b'{"type":"track","userId":"n9","event":"E"}\n')
    ran = run_cli("import", lines, "--ndjson", "--server", hub.url, "--data", folder + "/none")
    check_equal(ran.code, 6, "exit code without a key")
    check("BATUTA_WRITE_KEY" in ran.err, ran.err)
    ran = hub.cli("import", lines, "--ndjson", "--key", hub.key("admin"))
    check_equal(ran.code, 6, "exit code with a key of another kind")
    check("it takes a write key" in ran.err and "{" not in ran.err, ran.err)


def test_patience(hub, folder):
    """Whoever waits for a hub is told what for."""
    lines = write(folder + "/waits.ndjson", b'{"type":"track","userId":"n9","event":"E"}\n')
    importer = subprocess.Popen(
        [BATUTA, "import", lines, "--ndjson", "--server", "http://127.0.0.1:1", "--key", "x"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = importer.stderr.readline().decode()
    importer.send_signal(signal.SIGINT)
    importer.communicate(timeout=300)
    check("no hub answers" in said and "trying again" in said, said)
    check_equal(importer.returncode, 130, "exit code of a stopped import")


def test_wrong_maps(hub, folder):
    table = write(folder + "/wrong.csv", TABLE)
    text = "event: X\nuserId: ${Custmer}\nproprties: {}\n"
    ran = hub.cli("import", table, "--map", write(folder + "/wrong.yaml", text.encode()))
    check_equal(ran.code, 3, "exit code of a wrong map")
    check("wrong.yaml:2:9: the table has no column" in ran.err, ran.err)
    check('did you mean "properties"?' in ran.err, ran.err)
    check_equal(hub.cli("import", table).code, 2, "exit code without a map")
    check_equal(hub.cli("import", folder + "/none.csv", "--ndjson").code, 5, "a file that is not")


def test_resume(hub, folder):
    """Both sides are killed in the middle; what was acknowledged is not sent twice for good."""
    rows = 60_000
    table = folder + "/long.csv"
    with open(table, "w", encoding="utf-8") as file:
        file.write("Customer,When,Amount\n")
        for i in range(rows):
            file.write(f"long{i % 500},2026-02-01 10:00:00,{i}\n")
    before = hub.client().get("/v1/stats").json["events"]
    command = ["import", table, "--map", folder + "/map.yaml", "--batch", "200"]
    for kind in (signal.SIGKILL, signal.SIGINT, None):
        importer = subprocess.Popen(
            [BATUTA, "--server", hub.url, "--data", hub.folder, *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if kind is None:
            time.sleep(0.2)
            hub.kill()
            hub.start(port=hub.port)
            out, err = importer.communicate(timeout=600)
            check_equal(importer.returncode, 0, err.decode())
            check_equal(json.loads(out)["rows"], rows, "rows")
            break
        while not os.path.exists(table + ".import-state"):
            time.sleep(0.01)
        time.sleep(0.05)
        importer.send_signal(kind)
        importer.communicate(timeout=300)
        with open(table + ".import-state", encoding="utf-8") as file:
            state = json.load(file)
        check(0 < state["row"] < rows or state["done"], f"the state says {state}")
    stats = hub.client().settled_stats(before + rows)
    check_equal(stats["events"] - before, rows, "events, each once")


def test_online_retail(hub, folder):
    if not os.path.exists(RETAIL):
        check(not os.environ.get("CI"), f"{RETAIL} is not there")
        print(f"skipped the Online Retail part: {RETAIL} is not there")
        return
    report = folder + "/retail.rejected.csv"
    begun = time.monotonic()
    ran = hub.cli("import", RETAIL, "--map", ROOT + "/samples/import/online_retail.yaml",
                  "--state", folder + "/retail.state", "--report", report, timeout=900)
    took = time.monotonic() - begun
    check_equal(ran.code, 0, ran.err)
    counts = ran.rows[0]
    check_equal((counts["rows"], counts["rejected"], counts["accepted"], counts["skipped"]),
                (ROWS, WITHOUT, ROWS - WITHOUT, 0), "rows, rejected, accepted, skipped")
    stats = hub.client().settled_stats(ROWS - WITHOUT, seconds=600)
    check_equal(stats["events"], ROWS - WITHOUT, "events")
    check_equal(stats["people"], CUSTOMERS, "people")
    check_equal(stats["rejections"], WITHOUT, "rejections")
    rejected = report_of(report)
    check_equal(set(rejected.values()), {"missing_identifier"}, "reasons")

    # The sum of what came in and of what was reported is the sum of the table; the first is read back
    # from the hub for some of the customers, the rest from the table.
    line, total, cancelled, orders = 1, 0.0, 0, {}
    with gzip.open(RETAIL, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            amount = float(row["Quantity"]) * float(row["UnitPrice"])
            line = reader.line_num
            total += amount
            cancelled += row["InvoiceNo"].startswith("C")
            check((line in rejected) == (row["CustomerID"] == ""), f"line {line} is reported wrongly")
            if row["CustomerID"]:
                entry = orders.setdefault(row["CustomerID"], [0, 0.0, 0])
                entry[0] += 1
                entry[1] += amount
                entry[2] += row["InvoiceNo"].startswith("C")
    check_equal((round(total, 2), cancelled), (SUM, CANCELLED), "sum and cancellations of the table")
    check_equal(len(orders), CUSTOMERS, "customers of the table")
    client = hub.client()
    read_back = 0
    for customer in sorted(orders, key=lambda c: (c != "17850", c))[::13]:
        count, amount, cancelled = orders[customer]
        entries = client.timeline(f"user_id:{customer}")
        got = sum(e["properties"]["quantity"] * e["properties"]["price"] for e in entries)
        check_equal(len(entries), count, f"lines of customer {customer}")
        check(abs(got - amount) < 0.005, f"customer {customer}: {got} instead of {amount}")
        check_equal(sum(e["name"] == "Order Line Cancelled" for e in entries), cancelled,
                    f"cancellations of customer {customer}")
        read_back += count
    print(f"Online Retail: {ROWS} rows in {took:.0f} s ({ROWS / took:.0f}/s); "
          f"{read_back} events read back")


def test(folder, hubs):
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start(port=port_of_ones_own())
    test_broken_table(hub, folder)
    test_broken_lines(hub, folder)
    test_keys(hub, folder)
    test_patience(hub, folder)
    test_wrong_maps(hub, folder)
    test_resume(hub, folder)
    hub.stop()
    retail = Hub(folder + "/retail")
    hubs.append(retail)
    retail.start()
    test_online_retail(retail, folder)
    retail.stop()


run(test)
