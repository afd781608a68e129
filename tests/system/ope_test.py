"""`batuta ope` on the Open Bandit data: the estimates are those of the formulas, computed anew here.

    ope_test.py BATUTA

The target policy is the softmax of the items' first feature; the logs are of the random policy.
"""

import csv
import gzip
import json
import math
import os
import subprocess
import sys
import tempfile

DATA = os.path.join(os.path.dirname(__file__), "../../../shared/data/open_bandit")
# As others have computed them: IPS and SNIPS.
KNOWN = {"men": (0.003425422828906, 0.003381250990492), "women": (0.004923292613152, 0.005147756597414)}


def fail(text):
    print("FAILED:", text)
    sys.exit(1)


def near(what, said, expected, tolerance=1e-12):
    if abs(said - expected) > tolerance:
        fail(f"{what} is {said}, not {expected}")


def target(items):
    with open(items, encoding="utf-8") as file:
        features = {row["item_id"]: float(row["item_feature_0"]) for row in csv.DictReader(file)}
    total = math.fsum(math.exp(feature) for feature in features.values())
    return {item: math.exp(feature) / total for item, feature in features.items()}


def expected(rows, policy):
    """IPS, SNIPS, effective sample, and DM and DR by the mean reward of each action in the other thirds."""
    weights = [policy[row["item_id"]] / float(row["propensity_score"]) for row in rows]
    rewards = [float(row["click"]) for row in rows]
    ips = math.fsum(w * r for w, r in zip(weights, rewards)) / len(rows)
    snips = ips * len(rows) / math.fsum(weights)
    sample = math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)
    modelled, doubly = [], []
    for fold in range(3):
        sums, counts = {}, {}
        for i, row in enumerate(rows):
            if i % 3 == fold:
                continue
            sums[row["item_id"]] = sums.get(row["item_id"], 0) + rewards[i]
            counts[row["item_id"]] = counts.get(row["item_id"], 0) + 1
        mean = sum(sums.values()) / sum(counts.values())
        model = {a: (sums.get(a, 0) + 50 * mean) / (counts.get(a, 0) + 50) for a in policy}
        value = math.fsum(policy[a] * model[a] for a in policy)
        for i in range(fold, len(rows), 3):
            modelled.append(value)
            doubly.append(value + weights[i] * (rewards[i] - model[rows[i]["item_id"]]))
    return ips, snips, sample, math.fsum(modelled) / len(rows), math.fsum(doubly) / len(rows)


def main():
    batuta = os.environ.get("BATUTA") or sys.argv[1]
    if not os.path.isdir(DATA):
        print("skipped: the Open Bandit data is not here")
        sys.exit(1 if os.environ.get("CI") else 77)
    with tempfile.TemporaryDirectory() as folder:
        for campaign, known in KNOWN.items():
            log = os.path.join(folder, f"{campaign}.csv")
            with gzip.open(os.path.join(DATA, f"random_{campaign}.csv.gz"), "rt", encoding="utf-8") as packed:
                text = packed.read()
            with open(log, "w", encoding="utf-8") as file:
                file.write(text)
            items = os.path.join(DATA, f"item_context_random_{campaign}.csv")
            answer = subprocess.run(
                [batuta, "ope", "--log", log, "--actions", items, "--name", "item_id",
                 "--policy", "action.item_feature_0", "--action", "item_id", "--probability",
                 "propensity_score", "--reward", "click", "-o", "json"],
                check=True, capture_output=True, text=True, timeout=120)
            said = json.loads(answer.stdout)
            estimates = {one["method"]: one["value"] for one in said["estimates"]}
            ips, snips, sample, dm, dr = expected(list(csv.DictReader(text.splitlines())), target(items))
            near(f"{campaign}: IPS", estimates["ips"], known[0])
            near(f"{campaign}: SNIPS", estimates["snips"], known[1])
            near(f"{campaign}: IPS anew", estimates["ips"], ips)
            near(f"{campaign}: SNIPS anew", estimates["snips"], snips)
            near(f"{campaign}: effective sample", said["effectiveSample"], sample, 1e-6)
            near(f"{campaign}: DM", estimates["dm"], dm)
            near(f"{campaign}: DR", estimates["dr"], dr)
            if said["decisions"] != 10000 or said["canBeEstimated"]:
                fail(f"{campaign}: 46 clicks are not enough, and {said['doubts']} is what is said")
            print(f"{campaign}: {estimates}")
    print("passed")


if __name__ == "__main__":
    main()
