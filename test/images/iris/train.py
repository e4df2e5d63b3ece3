"""Trains the sample's model, and keeps scikit-learn's own predictions to compare the server's with.

Usage: train.py MODEL.joblib EXPECTED.json
"""

import json
import sys

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

model_path, expected_path = sys.argv[1:]

features, species = load_iris(return_X_y=True)
train_x, test_x, train_y, _ = train_test_split(features, species, test_size=30, random_state=0, stratify=species)
model = LogisticRegression(max_iter=1000, random_state=0).fit(train_x, train_y)

joblib.dump(model, model_path)
with open(expected_path, "w", encoding="utf-8") as file:
    json.dump({"rows": test_x.tolist(), "predictions": model.predict(test_x).tolist()}, file)
