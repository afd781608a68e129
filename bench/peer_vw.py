"""Vowpal Wabbit and the hub through the same visits of the same customers; see bench/run-vw.

    peer_vw.py KNOWN_TRUTH WORLDS VISITS

Each world's tastes are others. The programs see the same visitors, and an action is accepted or not
by the same uniform number. What is compared is what was earned by the truth, not by the draws, as a
share of the best possible: in the first tenth of the visits, in the last, and in all.
"""
import math
import os
import random
import subprocess
import sys
import tempfile
import time

from vowpalwabbit import Workspace

PLANS = ["free", "silver", "gold"]
PAGES = ["home", "cart", "help", "news"]
ACTIONS = 10
# Vowpal Wabbit's explorers as they come. `-q ua`: tastes are those of a user for an action, which
# the hub has by itself, since each action has its model.
PEERS = {
    "VW, SquareCB": "--cb_explore_adf --squarecb -q ua --quiet",
    "VW, epsilon-greedy": "--cb_explore_adf -q ua --quiet",
}


def read(path):
    visits = []
    with open(path) as lines:
        for line in lines:
            fields = line.split()
            plan, page, age = (int(field) for field in fields[:3])
            shared = f"shared |u plan={PLANS[plan]} page={PAGES[page]} age:{(age - 47.5) / 30:.4f}\n"
            chances = [float(field) for field in fields[4:]]
            visits.append((shared, float(fields[3]), chances))
    return visits


def draw(pmf, uniform):
    left = uniform * sum(pmf)
    for action, share in enumerate(pmf):
        left -= share
        if left < 0:
            return action
    return len(pmf) - 1


def worth(chances, action):
    return chances[action] * (action + 1)


def live(options, visits, world):
    """The choices and decisions a second, each with what was learned of it."""
    peer = Workspace(options)
    own = random.Random(world)
    actions = [f"|a action={action}" for action in range(ACTIONS)]
    asked = "\n".join(actions)
    chosen = []
    begin = time.perf_counter()
    for shared, luck, chances in visits:
        pmf = peer.predict(shared + asked)
        action = draw(pmf, own.random())
        # Rewards from 0 to 1, as costs.
        cost = -(action + 1) / ACTIONS if luck < chances[action] else 0.0
        taught = list(actions)
        taught[action] = f"0:{cost}:{pmf[action]:.6f} {actions[action]}"
        peer.learn(shared + "\n".join(taught))
        chosen.append(action)
    rate = len(visits) / (time.perf_counter() - begin)
    peer.finish()
    return chosen, rate


def share(visits, chosen):
    earned = sum(worth(chances, action) for (_, _, chances), action in zip(visits, chosen))
    best = sum(max(worth(chances, a) for a in range(ACTIONS)) for _, _, chances in visits)
    return earned / best


def shown(values):
    mean = sum(values) / len(values)
    if len(values) < 2:
        return f"{mean:.3f}        "
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return f"{mean:.3f} ± {math.sqrt(variance / len(values)):.3f}"


def is_behind(hub, peer):
    """Whether the peer earns more over all visits, world by world, by more than chance does."""
    ahead = [theirs[2] - ours[2] for ours, theirs in zip(hub, peer)]
    mean = sum(ahead) / len(ahead)
    if len(ahead) < 2:
        return mean > 0
    variance = sum((value - mean) ** 2 for value in ahead) / (len(ahead) - 1)
    return mean > 2 * math.sqrt(variance / len(ahead))


def main():
    program, worlds, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    results = {name: [] for name in ["the hub", *PEERS]}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "visits")
        for world in range(1, worlds + 1):
            out = subprocess.run([program, str(world), str(count), path], check=True,
                                 capture_output=True, text=True).stdout
            results["the hub"].append([float(field) for field in out.split()])
            visits = read(path)
            tenth = len(visits) // 10
            for name, options in PEERS.items():
                chosen, rate = live(options, visits, world)
                first = share(visits[:tenth], chosen[:tenth])
                last = share(visits[-tenth:], chosen[-tenth:])
                results[name].append([first, last, share(visits, chosen), rate])
    print(f"{worlds} worlds, {count} visits each, {ACTIONS} actions; share of the best possible")
    print(f"{'':22}  first tenth      last tenth       all              decisions a second")
    for name, rows in results.items():
        first, last, whole, rate = zip(*rows)
        print(f"{name:22}  {shown(first)}    {shown(last)}    {shown(whole)}    "
              f"{sum(rate) / len(rate):.0f}")
    return 1 if any(is_behind(results["the hub"], results[name]) for name in PEERS) else 0


if __name__ == "__main__":
    sys.exit(main())
