"""Trains small models on data that scikit-learn ships, and logs them with the stock MLflow client.

Nothing here knows the portal: it reads MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, as any script does.

    export MLFLOW_TRACKING_URI=… MLFLOW_TRACKING_TOKEN=…
    python examples/train_models.py
"""

import logging
import os
import warnings

# Questions that the client would ask the network and packages, and that these small runs do not need answered.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "false")
# On so few rows the threads of numerical libraries do nothing but wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import matplotlib
import matplotlib.pyplot as plt
import mlflow
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    accuracy_score,
    classification_report,
    f1_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 7
EPOCHS = 30
# Exact versions, so that the client does not spend seconds finding out what the model needs.
REQUIREMENTS = [f"scikit-learn=={__import__('sklearn').__version__}"]


def frames(loader, target):
    """A data set of scikit-learn as two frames with named columns, the target among them."""
    data = loader(as_frame=True)
    frame = data.frame.rename(columns={"target": target})
    frame = frame.astype({name: "float64" for name in frame.columns if name != target})
    train, test = train_test_split(frame, test_size=0.25, random_state=SEED)
    return train.reset_index(drop=True), test.reset_index(drop=True), list(data.get("target_names", []))


def log_datasets(name, target, train, test):
    """Say on which rows a run was trained and judged."""
    for frame, context in ((train, "training"), (test, "evaluation")):
        dataset = mlflow.data.from_pandas(frame, name=f"{name}-{context}", targets=target)
        mlflow.log_input(dataset, context=context)


def log_model(model, inputs, name):
    """Log a fitted model with its signature and an example."""
    mlflow.sklearn.log_model(
        model, name=name, signature=infer_signature(inputs, model.predict(inputs)),
        input_example=inputs.head(3), pip_requirements=REQUIREMENTS, serialization_format="cloudpickle",
    )  # fmt: skip


def tumours_by_autolog():
    """Logistic regression, recorded by autologging; the model is logged as in the other runs, which is faster."""
    mlflow.set_experiment("tumour-diagnosis")
    train, test, _ = frames(load_breast_cancer, "benign")
    mlflow.sklearn.autolog(log_models=False, extra_tags={"logged_by": "autolog"}, silent=True)
    with mlflow.start_run(run_name="logistic-regression"):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200, random_state=SEED))
        model.fit(train.drop(columns="benign"), train["benign"])
        model.score(test.drop(columns="benign"), test["benign"])
        log_model(model, test.drop(columns="benign"), "logistic-regression")
    mlflow.sklearn.autolog(disable=True)


def tumours_by_grid():
    """A small grid of random forests: one run for each point below a parent that names the best."""
    mlflow.set_experiment("tumour-diagnosis")
    train, test, names = frames(load_breast_cancer, "benign")
    inputs, answers = test.drop(columns="benign"), test["benign"]
    best_score, best = -1.0, None
    with mlflow.start_run(
        run_name="forest-grid", description="Trees against depth, 75 % of the rows to train on."
    ):
        log_datasets("breast-cancer", "benign", train, test)
        for trees in (10, 40):
            for depth in (2, 6):
                with mlflow.start_run(run_name=f"forest-{trees}x{depth}", nested=True):
                    model = RandomForestClassifier(trees, max_depth=depth, random_state=SEED)
                    model.fit(train.drop(columns="benign"), train["benign"])
                    score = accuracy_score(answers, model.predict(inputs))
                    mlflow.log_params({"n_estimators": trees, "max_depth": depth, "random_state": SEED})
                    mlflow.log_metrics({"accuracy": score, "f1": f1_score(answers, model.predict(inputs))})
                if score > best_score:
                    best_score, best = score, model
        mlflow.log_params({"best_" + name: best.get_params()[name] for name in ("n_estimators", "max_depth")})
        mlflow.log_metric("accuracy", best_score)
        log_confusion(answers, best.predict(inputs), names)
        log_model(best, inputs, "forest")


def digits_by_epoch():
    """A linear classifier trained epoch by epoch, for curves to look at; three learning rates."""
    mlflow.set_experiment("handwritten-digits")
    train, test, names = frames(load_digits, "digit")
    scaler = StandardScaler().fit(train.drop(columns="digit"))
    seen, unseen = (scaler.transform(frame.drop(columns="digit")) for frame in (train, test))
    for rate in (0.0005, 0.005, 0.05):
        with mlflow.start_run(run_name=f"sgd-{rate:g}"):
            log_datasets("digits", "digit", train, test)
            mlflow.log_params(
                {"learning_rate": rate, "epochs": EPOCHS, "loss": "log_loss", "random_state": SEED}
            )
            model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=rate, random_state=SEED)
            for epoch in range(EPOCHS):
                model.partial_fit(seen, train["digit"], classes=range(10))
                log_epoch(epoch, model, seen, train["digit"], unseen, test["digit"])
            predicted = model.predict(unseen)
            report = classification_report(test["digit"], predicted, output_dict=True, zero_division=0)
            mlflow.log_dict(report, "report.json")
            table = pd.DataFrame({"row": test.index, "digit": test["digit"], "predicted": predicted})
            mlflow.log_table(table[table["digit"] != table["predicted"]].head(50), "mistakes.json")
            log_confusion(test["digit"], predicted, names)


def log_epoch(epoch, model, seen, seen_answers, unseen, unseen_answers):
    """Log how well a model does after an epoch."""
    chances = model.predict_proba(unseen)
    metrics = {
        "validation_loss": log_loss(unseen_answers, chances, labels=range(10)),
        "validation_accuracy": accuracy_score(unseen_answers, chances.argmax(axis=1)),
        "training_accuracy": model.score(seen, seen_answers),
    }
    mlflow.log_metrics(metrics, step=epoch)


def wine_by_forest():
    """A forest on the wine data, with its importances as a table and a note."""
    mlflow.set_experiment("wine-cultivars")
    train, test, names = frames(load_wine, "cultivar")
    inputs, answers = test.drop(columns="cultivar"), test["cultivar"]
    with mlflow.start_run(run_name="forest", tags={"team": "quality"}):
        log_datasets("wine", "cultivar", train, test)
        model = RandomForestClassifier(50, random_state=SEED).fit(
            train.drop(columns="cultivar"), train["cultivar"]
        )
        mlflow.log_params({"n_estimators": 50, "random_state": SEED})
        mlflow.log_metric("accuracy", accuracy_score(answers, model.predict(inputs)))
        table = pd.DataFrame({"feature": inputs.columns, "importance": model.feature_importances_})
        mlflow.log_table(table.sort_values("importance", ascending=False), "importances.json")
        mlflow.log_text("# Wine\n\nThree cultivars, told apart by 13 measurements.\n", "notes.md")
        log_confusion(answers, model.predict(inputs), names)


def diabetes_progression():
    """Two regressors on the same rows: a linear one and gradient boosting."""
    mlflow.set_experiment("diabetes-progression")
    train, test, _ = frames(load_diabetes, "progression")
    inputs, answers = test.drop(columns="progression"), test["progression"]
    models = {
        "ridge": Ridge(alpha=0.1),
        "boosting": HistGradientBoostingRegressor(max_iter=60, random_state=SEED),
    }
    for name, model in models.items():
        with mlflow.start_run(run_name=name):
            log_datasets("diabetes", "progression", train, test)
            mlflow.log_params({key: value for key, value in model.get_params().items() if value is not None})
            model.fit(train.drop(columns="progression"), train["progression"])
            predicted = model.predict(inputs)
            mlflow.log_metrics({
                "rmse": root_mean_squared_error(answers, predicted),
                "mae": mean_absolute_error(answers, predicted),
                "r2": r2_score(answers, predicted),
            })  # fmt: skip
            log_model(model, inputs, name)


def log_confusion(answers, predicted, names):
    """A confusion matrix as a figure."""
    shown = ConfusionMatrixDisplay.from_predictions(
        answers, predicted, display_labels=names or None, colorbar=False
    )
    mlflow.log_figure(shown.figure_, "confusion.png")
    plt.close(shown.figure_)


def main():
    matplotlib.use("Agg")
    warnings.filterwarnings("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    for train in (tumours_by_autolog, tumours_by_grid, digits_by_epoch, wine_by_forest, diabetes_progression):
        print(f"training {train.__name__}", flush=True)
        train()
    runs = mlflow.search_runs(search_all_experiments=True, max_results=1000)
    print(f"{len(runs)} runs in {runs['experiment_id'].nunique()} experiments are logged", flush=True)


if __name__ == "__main__":
    main()
