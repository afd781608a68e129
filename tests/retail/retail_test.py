"""What the hub says of every customer of the table "Online Retail" equals what SQL says, at five moments.

    retail_test.py RETAIL_HUB [--compare-cost]

The hub lives through the table event by event (tests/retail/retail_hub.cc); the queries below are asked of
SQLite, over the same table, and know nothing of the hub. Every feature and every segment of company.yaml is
compared for every customer; then once more with a hub that learns of them only at the end.

The table is expected in ../shared/data/online_retail beside this tree, or where BATUTA_DATASETS points.
Where it is absent the test is skipped, unless CI is set.
"""

import csv
import gzip
import os
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATASETS = os.environ.get("BATUTA_DATASETS", os.path.join(ROOT, "../shared/data"))
TABLE = os.path.join(DATASETS, "online_retail/online_retail_visible.csv.gz")

# Of the orders up to the moment :now. Days are of 24 hours; `within n days` leaves out what is n days old.
FEATURES = {
    "orders": "SELECT COUNT(*) FROM bought",
    "orders_90d": "SELECT COUNT(*) FROM bought WHERE age < 90 * 86400",
    "recency": "SELECT MIN(age) / 86400 FROM bought",
    "monetary": "SELECT COALESCE(SUM(total), 0) FROM bought",
    "average_180d": "SELECT AVG(total) FROM bought WHERE age < 180 * 86400",
    "largest": "SELECT MAX(total) FROM bought",
    "bulk_lines_60d": "SELECT COUNT(*) FROM lines JOIN bought USING (invoice, customer)"
                      " WHERE age < 60 * 86400 AND quantity >= 12",
    "products_120d": "SELECT COUNT(DISTINCT sku) FROM lines JOIN bought USING (invoice, customer)"
                     " WHERE age < 120 * 86400",
    "returned": "SELECT -COALESCE(SUM(total), 0) FROM cancelled",
}
SEGMENTS = {
    "bought-three-times-never-returned": "orders_90d >= 3 AND cancellations = 0",
    "champions": "recency <= 30 AND orders >= 8 AND monetary >= 2000000",
    "loyal": "recency <= 90 AND orders >= 4",
    "at-risk": "recency > 90 AND orders >= 3 AND monetary >= 800000",
    "new": "first_age < 30 * 86400",
    "lost": "orders > 0 AND last_age >= 150 * 86400",
    "variety": "products_120d >= 50 AND NOT (recency <= 30 AND orders >= 8 AND monetary >= 2000000)",
    "big-baskets": "average_180d >= 500000",
    "bulk": "bulk_lines_60d >= 10",
    "returners": "returned >= 50000",
    "large-and-kept": "largest >= 1000000 AND returned = 0",
    "one-order": "orders = 1",
    "twice-in-a-fortnight": "orders_14d >= 2",
    "returned-lately": "cancellations_30d > 0",
    "quarter-spenders": "spent_90d >= 1500000",
    "slipping": "recency BETWEEN 61 AND 120",
    "only-returns": "orders = 0 AND cancellations > 0",
    "wide": "products_120d >= 100",
    "valuable-at-risk": "recency > 90 AND orders >= 3 AND monetary >= 2000000",
    "accelerating": "orders_45d * 2 > orders_90d AND orders_90d >= 3",
}
# What the segments ask for besides the features.
FACTS = dict(
    FEATURES,
    cancellations="SELECT COUNT(*) FROM cancelled",
    cancellations_30d="SELECT COUNT(*) FROM cancelled WHERE age < 30 * 86400",
    first_age="SELECT MAX(age) FROM bought",
    last_age="SELECT MIN(age) FROM bought",
    orders_14d="SELECT COUNT(*) FROM bought WHERE age < 14 * 86400",
    orders_45d="SELECT COUNT(*) FROM bought WHERE age < 45 * 86400",
    spent_90d="SELECT COALESCE(SUM(total), 0) FROM bought WHERE age < 90 * 86400",
)
UNKNOWN_OF_NOTHING = {"recency", "average_180d", "largest", "first_age", "last_age"}


def fail(text):
    print("retail_test:", text, file=sys.stderr)
    sys.exit(1)


def thousandths(price):
    whole, _, decimals = price.lstrip("-").partition(".")
    value = int(whole) * 1000 + int((decimals + "000")[:3])
    return -value if price.startswith("-") else value


def load(database):
    database.executescript("""
        CREATE TABLE rows (invoice TEXT, customer TEXT, sku TEXT, quantity INT, amount INT, time INT);
    """)
    with gzip.open(TABLE, "rt", encoding="utf-8", newline="") as file:
        database.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, CAST(strftime('%s', ?) AS INT))",
            ((row["InvoiceNo"], row["CustomerID"], row["StockCode"], int(row["Quantity"]),
              int(row["Quantity"]) * thousandths(row["UnitPrice"]), row["InvoiceDate"])
             for row in csv.DictReader(file) if row["CustomerID"]))
    database.executescript("""
        CREATE TABLE invoices AS SELECT invoice, customer, MIN(time) AS time, SUM(amount) AS total
          FROM rows GROUP BY invoice, customer;
        CREATE INDEX rows_by_invoice ON rows (invoice, customer);
        CREATE INDEX invoices_by_customer ON invoices (customer);
    """)


def by_customer(query):
    """The query for all customers at once instead of one."""
    return query.replace("SELECT ", "SELECT customer, ", 1) + " GROUP BY customer"


def expected_at(database, moment):
    """{(customer, kind, name): value} at the moment, by SQL."""
    now = database.execute("SELECT CAST(strftime('%s', ?) AS INT)", (moment,)).fetchone()[0]
    database.executescript(f"""
        DROP VIEW IF EXISTS seen; DROP VIEW IF EXISTS bought; DROP VIEW IF EXISTS cancelled;
        DROP VIEW IF EXISTS lines; DROP TABLE IF EXISTS facts;
        CREATE VIEW seen AS SELECT *, {now} - time AS age FROM invoices WHERE time <= {now};
        CREATE VIEW bought AS SELECT * FROM seen WHERE invoice NOT LIKE 'C%';
        CREATE VIEW cancelled AS SELECT * FROM seen WHERE invoice LIKE 'C%';
        CREATE VIEW lines AS SELECT invoice, customer, sku, quantity FROM rows;
        CREATE TABLE facts (customer TEXT PRIMARY KEY);
        INSERT INTO facts SELECT DISTINCT customer FROM seen;
    """)
    for name, query in FACTS.items():
        database.execute(f"ALTER TABLE facts ADD COLUMN {name}")
        if name not in UNKNOWN_OF_NOTHING:
            database.execute(f"UPDATE facts SET {name} = 0")
        database.executemany(f"UPDATE facts SET {name} = ?2 WHERE customer = ?1",
                             database.execute(by_customer(query)).fetchall())
    expected = {}
    for name in FEATURES:
        for customer, value in database.execute(f"SELECT customer, {name} FROM facts"):
            expected[customer, "feature", name] = value
    for name, condition in SEGMENTS.items():
        for (customer,) in database.execute(f"SELECT customer FROM facts WHERE {condition}"):
            expected[customer, "segment", name] = 1
    return expected


def said_by(hub, *options):
    """{moment: {(customer, kind, name): value}} as the hub prints it, and the processor time it took."""
    before = os.times().children_user
    output = subprocess.run([hub, TABLE, os.path.join(HERE, "company.yaml"), *options], check=True,
                            stdout=subprocess.PIPE).stdout.decode()
    said = {}
    for line in output.splitlines():
        moment, customer, kind, name, value = line.split("\t")
        said.setdefault(moment, {})[customer, kind, name] = None if value == "null" else float(value)
    return said, os.times().children_user - before


def is_equal(got, wanted):
    if got is None or wanted is None:
        return got is wanted
    return abs(got - wanted) <= 1e-9 * max(1.0, abs(wanted))  # averages are divided once, sums are exact


def compare(said, database):
    for moment, got in sorted(said.items()):
        wanted = expected_at(database, moment)
        differing = [f"{moment} {key}: the hub says {got.get(key)}, SQL {wanted.get(key)}"
                     for key in sorted(got.keys() | wanted.keys())
                     if key not in got or key not in wanted or not is_equal(got[key], wanted[key])]
        if differing:
            fail(f"{len(differing)} of {len(wanted)} differ, among them\n  " + "\n  ".join(differing[:20]))
        members = {name: sum(1 for key in wanted if key[1:] == ("segment", name)) for name in SEGMENTS}
        print(f"{moment}: {len(wanted)} values equal; members " +
              ", ".join(f"{name} {count}" for name, count in members.items()))
        if moment >= "2011-07" and not all(members.values()):  # later than any window is long
            fail(f"at {moment} a segment has nobody, so that nothing was compared: {members}")


def compare_cost(database, seconds):
    """What an event costs the hub, all in (reading the table, log, fold, features, segments), against asking
    SQL for all segments again after it."""
    events = database.execute("SELECT COUNT(*) FROM invoices").fetchone()[0]
    before = os.times().user
    expected_at(database, "2011-10-19T00:00:00Z")
    again = os.times().user - before
    times = again / (seconds / events)
    print(f"an event costs the hub {seconds / events * 1e6:.0f} us with {len(SEGMENTS)} segments; "
          f"SQL over the same events {again * 1e6:.0f} us: {times:.0f} times as much (wanted: 100)")
    if times < 100:
        fail("keeping segments up to date costs too much beside computing them anew")


def main():
    if not os.path.exists(TABLE):
        if os.environ.get("CI"):
            fail(f"there is no {TABLE}")
        print(f"SKIPPED: there is no {TABLE}")
        return 77
    database = sqlite3.connect(":memory:")
    load(database)
    said, seconds = said_by(sys.argv[1])
    if len(said) != 5:
        fail(f"the hub spoke of {len(said)} moments")
    compare(said, database)
    if "--compare-cost" in sys.argv:
        compare_cost(database, seconds)
    late, _ = said_by(sys.argv[1], "--defined-late")
    if len(late) != 1:
        fail(f"the hub that learnt late spoke of {len(late)} moments")
    print("defined at the end:")
    compare(late, database)
    return 0


if __name__ == "__main__":
    sys.exit(main())
