"""A model that takes its time, and tells whether its process knows anything of the portal."""

import os
import time

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

SECRETS = ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "TOKEN", "SIGNING")


class Careful(PythonModel):
    def predict(self, context, model_input, params=None):
        if (model_input["x"] < 0).any():
            time.sleep(0.25)
        found = [name for name in os.environ if any(word in name for word in SECRETS)]
        return pd.DataFrame({"twice": model_input["x"] * 2, "secrets": len(found)})


mlflow.models.set_model(Careful())
