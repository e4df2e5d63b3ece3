"""Trains one classifier of iris with each library, and keeps the library's own predictions to compare a server's with.

Usage: train.py FOLDER

FOLDER then holds sklearn/model.joblib, xgboost/model.json, lightgbm/model.bst and onnx/model.onnx, named as their
servers look for them, each beside an expected.json.
"""

import json
import sys
from pathlib import Path

import joblib
import lightgbm
import xgboost
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

features, species = load_iris(return_X_y=True)
train_x, test_x, train_y, _ = train_test_split(features, species, test_size=30, random_state=0, stratify=species)


def place(library, name):
    """The path of a new model file."""
    folder = Path(sys.argv[1], library)
    folder.mkdir(parents=True)
    return folder / name


def keep(path, predictions):
    """Writes what a server is to answer for the test rows, as the flat list that the V2 protocol carries."""
    expected = {"rows": test_x.tolist(), "predictions": predictions.ravel().tolist()}
    path.with_name("expected.json").write_text(json.dumps(expected), encoding="utf-8")


sklearn_model = LogisticRegression(max_iter=1000, random_state=0).fit(train_x, train_y)
path = place("sklearn", "model.joblib")
joblib.dump(sklearn_model, path)
keep(path, sklearn_model.predict(test_x))

# The same classifier in 32 bits: the converter's answers are right when they are scikit-learn's.
graph = to_onnx(
    sklearn_model,
    initial_types=[("features", FloatTensorType([None, train_x.shape[1]]))],
    options={"zipmap": False},
    target_opset={"": 17, "ai.onnx.ml": 3},
)
path = place("onnx", "model.onnx")
path.write_bytes(graph.SerializeToString())
keep(path, sklearn_model.predict(test_x))

path = place("xgboost", "model.json")
xgboost_model = xgboost.XGBClassifier(n_estimators=10, random_state=0).fit(train_x, train_y)
xgboost_model.save_model(path)
keep(path, xgboost_model.predict(test_x))

path = place("lightgbm", "model.bst")
lightgbm.LGBMClassifier(n_estimators=10, random_state=0, verbose=-1).fit(train_x, train_y).booster_.save_model(path)
# A booster gives the probability of each species.
keep(path, lightgbm.Booster(model_file=path).predict(test_x))
