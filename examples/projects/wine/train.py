"""Tells three kinds of wine apart with a forest, tree by tree: a plain script with a progress bar in its output."""

import os
import sys

import mlflow
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split


def main(trees):
    seed = int(os.environ.get("PORTAL_SEED", "0"))
    inputs, answers = load_wine(return_X_y=True, as_frame=True)
    train, test, known, asked = train_test_split(inputs, answers, test_size=0.3, random_state=seed)
    forest = RandomForestClassifier(n_estimators=0, warm_start=True, random_state=seed)
    with mlflow.start_run():
        for count in range(1, trees + 1):
            forest.n_estimators = count
            forest.fit(train, known)
            if count % 5 == 0 or count == trees:
                mlflow.log_metric("accuracy", accuracy_score(asked, forest.predict(test)), step=count)
                print(
                    f"trees: {100 * count // trees:3d}%|{'#' * (10 * count // trees):10s}| {count}/{trees}",
                    flush=True,
                )
        mlflow.sklearn.log_model(
            forest, name="model", input_example=train.head(2), pip_requirements=["scikit-learn"]
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
