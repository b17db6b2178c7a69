"""A model that takes arrays."""

import mlflow
from mlflow.pyfunc import PythonModel


class Arrays(PythonModel):
    """Sums the numbers of each row of an array."""

    def predict(self, context, model_input, params=None):
        return model_input.sum(axis=1)


mlflow.models.set_model(Arrays())
