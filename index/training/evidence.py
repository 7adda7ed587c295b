"""The weight of evidence, from candidates of labelled sets: evidence.py OUT SET.jsonl…

The last set is never fitted on for the file that is written; the threshold comes from every set as
scored by trees that did not see it."""
import collections
import json
import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

TREES, LEAVES, RATE = 120, 8, 0.08
# Which numbers may only speak for a match the more, the greater they are.
MONOTONE = [1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1]
FALSE, MARGIN = 0.001, 0.1


def load(path):
    rows = [json.loads(line) for line in open(path)]
    return rows, np.array([r[5] for r in rows], np.float32), np.array([r[2] == r[3] for r in rows])


def fit(sets):
    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, l2_regularization=5,
        monotonic_cst=MONOTONE, min_samples_leaf=30, random_state=0)
    return model.fit(np.concatenate([s[1] for s in sets]), np.concatenate([s[2] for s in sets]))


out, paths = sys.argv[1], sys.argv[2:]
sets = [load(path) for path in paths]
unrelated = []
for at, (rows, numbers, _) in enumerate(sets):
    scores = fit(sets[:at] + sets[at + 1 :]).decision_function(numbers)
    best = collections.defaultdict(lambda: -np.inf)
    for row, score in zip(rows, scores):
        if not row[2]:
            best[row[0]] = max(best[row[0]], score)
    unrelated += best.values()
unrelated = sorted(unrelated, reverse=True)
threshold = unrelated[int(FALSE * len(unrelated))] + MARGIN
model = fit(sets[:-1])
lines = ["start,%.6g" % (float(model._baseline_prediction.ravel()[0]) - threshold)]
for tree in model._predictors:
    lines.append("tree")
    for node in tree[0].nodes:
        if node["is_leaf"]:
            lines.append("leaf,%.6g" % node["value"])
        else:
            lines.append("ask,%d,%.6g,%d,%d" % (
                node["feature_idx"], node["num_threshold"], node["left"], node["right"]))
with open(out, "w") as file:
    file.write("\n".join(lines) + "\n")
print(len(unrelated), "unrelated photos; threshold", threshold)
