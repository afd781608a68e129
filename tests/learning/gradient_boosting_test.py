"""Gradient-boosted trees on who subscribed a term deposit, without the duration of the call.

Trained by XGBoost on numbers and one column for each text, in five stratified folds; what the hub
serves of such a model is equal to the library (forest_test.cc). Skipped (77) without the library
(pip install numpy xgboost) or the file, ../shared/data or BATUTA_DATASETS.
"""

import csv
import gzip
import os
import sys

FOLDS = 5
SETTINGS = {
    "objective": "binary:logistic", "max_depth": 4, "eta": 0.05, "min_child_weight": 10,
    "subsample": 0.8, "colsample_bytree": 0.5, "seed": 1, "nthread": 1
}
ROUNDS = 200


def read(path):
    """Columns of numbers, their names, and the labels."""
    import numpy
    with gzip.open(path, "rt", encoding="ascii") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    columns, names = [], []
    for name in rows[0]:
        if name in ("duration", "y"):
            continue
        values = [row[name] for row in rows]
        try:
            columns.append([float(value) for value in values])
            names.append(name)
        except ValueError:
            for text in sorted(set(values)):
                columns.append([float(value == text) for value in values])
                names.append(f"{name} {text}")
    return (numpy.array(columns, dtype=numpy.float32).T, names,
            numpy.array([row["y"] == "yes" for row in rows]))


def auc_of(scores, labels):
    """The area under the ROC curve by ranks; equal scores share."""
    import numpy
    values, places, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    ranks = (numpy.cumsum(counts) - (counts - 1) / 2)[places]
    positives = labels.sum()
    negatives = len(values[places]) - positives
    return (ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives)


def main():
    folder = os.environ.get("BATUTA_DATASETS", "../shared/data")
    path = os.path.join(folder, "bank_marketing", "bank-additional-full.csv.gz")
    try:
        import numpy
        import xgboost
    except ImportError:
        print("skipped: xgboost is not installed")
        return 77
    if not os.path.exists(path):
        print(f"skipped: {path} is not there")
        return 77
    values, names, labels = read(path)
    # Every fold has the same share of subscribers.
    folds = numpy.empty(len(labels), dtype=int)
    for label in (False, True):
        folds[labels == label] = numpy.arange((labels == label).sum()) % FOLDS
    found = []
    for fold in range(FOLDS):
        kept = folds == fold
        train = xgboost.DMatrix(values[~kept], labels[~kept], feature_names=names)
        model = xgboost.train(SETTINGS, train, ROUNDS)
        test = xgboost.DMatrix(values[kept], feature_names=names)
        found.append(auc_of(model.predict(test), labels[kept]))
        print(f"fold {fold}: AUC {found[-1]:.4f}")
    mean = sum(found) / FOLDS
    print(f"mean AUC {mean:.4f}")
    return 0 if mean >= 0.80 else 1


if __name__ == "__main__":
    sys.exit(main())
