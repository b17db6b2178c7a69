"""A model of MLflow, and the answers that it gives to a table."""

import mlflow
import numpy as np


class Answers:
    """What a model says of each row: `predicted`, and `scores` of the second class where there are two."""

    def __init__(self, folder):
        self.model = mlflow.pyfunc.load_model(str(folder))
        self.plain = self._plain()

    def predicted(self, features):
        found = self.model.predict(features)
        values = found.to_numpy() if hasattr(found, "to_numpy") else np.asarray(found)
        return values[:, 0] if values.ndim == 2 else values

    def scores(self, features):
        """The probability of the second class, where the model has two and tells it."""
        told = getattr(self.plain, "predict_proba", None)
        if told is None or len(getattr(self.plain, "classes_", ())) != 2:
            return None
        return np.asarray(told(features))[:, 1]

    def _plain(self):
        """The estimator under the model, where it is one of scikit-learn or of its kind."""
        try:
            return self.model.get_raw_model()
        except Exception:
            return None
