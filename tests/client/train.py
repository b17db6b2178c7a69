"""A training script as a newcomer writes it from MLflow's first pages: it knows nothing of the portal."""

import mlflow
from mlflow.models import infer_signature
from sklearn import datasets
from sklearn.linear_model import SGDRegressor
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

mlflow.set_experiment("Diabetes progression")
X, y = datasets.load_diabetes(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=7)

scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

for alpha in (0.0001, 0.1):
    with mlflow.start_run(run_name=f"alpha {alpha}"):
        mlflow.log_params({"alpha": alpha, "penalty": "elasticnet"})
        model = SGDRegressor(alpha=alpha, penalty="elasticnet", random_state=7)
        for step in range(30):
            model.partial_fit(X_train, y_train)
            mlflow.log_metric("mae", mean_absolute_error(y_test, model.predict(X_test)), step=step)
        mlflow.log_metric("r2", r2_score(y_test, model.predict(X_test)))
        mlflow.set_tag("Training Info", "Linear regression for the diabetes data")
        mlflow.sklearn.log_model(
            sk_model=model,
            name="diabetes_model",
            signature=infer_signature(X_train, model.predict(X_train)),
            input_example=X_train[:3],
            pip_requirements=["scikit-learn"],
        )

best = mlflow.search_runs(order_by=["metrics.r2 DESC"], max_results=1).iloc[0]
loaded = mlflow.pyfunc.load_model(f"runs:/{best.run_id}/diabetes_model")
print("best", best.run_id, loaded.predict(X_test[:2]).tolist())  # noqa: T201 - a script
