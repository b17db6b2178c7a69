"""Tells three kinds of iris apart. Everything is logged by plain mlflow; the portal sets where to."""

import argparse
import os
import random

import mlflow
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", type=float, default=1.0)
    parser.add_argument("--max-iter", type=int, default=200)
    options = parser.parse_args()
    seed = int(os.environ.get("PORTAL_SEED", "0"))
    random.seed(seed)
    np.random.seed(seed)
    inputs, answers = load_iris(return_X_y=True, as_frame=True)
    train, test, known, asked = train_test_split(
        inputs, answers, test_size=0.3, random_state=seed, stratify=answers
    )
    with mlflow.start_run():
        model = LogisticRegression(C=options.c, max_iter=options.max_iter, random_state=seed).fit(
            train, known
        )
        mlflow.log_metric("accuracy", accuracy_score(asked, model.predict(test)))
        mlflow.log_metric("log_loss", log_loss(asked, model.predict_proba(test)))
        mlflow.sklearn.log_model(
            model, name="model", input_example=train.head(2), pip_requirements=["scikit-learn"]
        )


if __name__ == "__main__":
    main()
