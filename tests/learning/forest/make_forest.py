"""Makes model.json and expected.csv beside it, by the library itself (pip install numpy xgboost).

Rows are drawn from a seed; one in eight values is missing, and some are exactly at a split. A line
of expected.csv has the values, then what the library says: margin, probability, and the
approximate contribution of each feature and of the mean.
"""

import pathlib

import numpy
import xgboost

FEATURES = ["age", "visits", "spend", "is_gold"]
folder = pathlib.Path(__file__).parent
random = numpy.random.default_rng(7)


def draw(rows):
    values = numpy.column_stack([
        random.integers(18, 80, rows), random.poisson(3, rows), random.lognormal(3, 1, rows),
        random.integers(0, 2, rows)
    ]).astype(numpy.float32)
    values[random.random(values.shape) < 0.125] = numpy.nan
    return values


train = draw(4000)
known = numpy.nan_to_num(train, nan=10)
odds = known[:, 0] / 30 - 3 + known[:, 3] * (known[:, 1] > 2) + numpy.isnan(train[:, 2])
labels = random.random(len(train)) < 1 / (1 + numpy.exp(-odds))
data = xgboost.DMatrix(train, labels, feature_names=FEATURES)
settings = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.3, "nthread": 1}
model = xgboost.train(settings, data, 8)
model.save_model(folder / "model.json")

rows = draw(200)
frame = model.trees_to_dataframe()
for i, split in enumerate(frame[frame.Feature != "Leaf"].itertuples()):
    rows[i % len(rows), FEATURES.index(split.Feature)] = numpy.float32(split.Split)
data = xgboost.DMatrix(rows, feature_names=FEATURES)
margins = model.predict(data, output_margin=True)
probabilities = model.predict(data)
contributions = model.predict(data, pred_contribs=True, approx_contribs=True)
with open(folder / "expected.csv", "w", encoding="ascii") as out:
    out.write(",".join(FEATURES + ["margin", "probability"] + ["c_" + f for f in FEATURES] +
                       ["mean"]) + "\n")
    for row in numpy.column_stack([rows, margins, probabilities, contributions]):
        out.write(",".join("" if numpy.isnan(v) else f"{v:.9g}" for v in row) + "\n")
