"""Requirements of conda as pip reads them, for packages that surely are the same ones in both places.

A name of conda may be somebody else's package for pip. So only those of this list are taken over.
"""

import re

# As conda calls them, where pip has another name.
_OTHER = {"pytorch": "torch", "pytorch-cpu": "torch", "tensorflow-cpu": "tensorflow", "py-xgboost": "xgboost"}
_NAMES = """
absl-py aiohttp altair beautifulsoup4 bokeh boto3 bottleneck catboost click cloudpickle cython dask dill evaluate
fairlearn fastapi filelock flask fsspec gensim graphviz h5py holidays huggingface_hub hyperopt imbalanced-learn
ipykernel ipython jax jaxlib jinja2 joblib jsonschema jupyter keras lightgbm lime lxml matplotlib mlflow
mlflow-skinny networkx nltk notebook numba numexpr numpy onnx onnxruntime openpyxl optuna packaging pandas
pandera patsy pillow plotly polars prophet protobuf psutil psycopg2 pyarrow pydantic pyspark pytest
python-dateutil pytz pyyaml ray regex requests rich s3fs scikit-image scikit-learn scikit-optimize scipy seaborn
sentencepiece shap six spacy sqlalchemy statsmodels sympy tabulate tensorboard tensorflow tokenizers toml torch
torchaudio torchmetrics torchvision tqdm transformers typing_extensions urllib3 xarray xgboost xlrd
"""
_SAME = frozenset(_NAMES.split())
_SPEC = re.compile(
    r"(?:[\w./-]+::)?(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:(?P<exact>={1,2})\s*(?P<version>[\w.*!+]+)(?:=[\w.*]+)?"
    r"|(?P<range>[<>!~][<>=!~\w.*+,\s]*))?\s*\Z"
)


def requirement_of(text: str) -> str | None:
    """The requirement of pip that means the same; None for what only conda has, or says in its own way."""
    found = _SPEC.match(text.strip())
    if found is None:
        return None
    name = found["name"].lower()
    name = _OTHER.get(name, name)
    if name not in _SAME and name not in _OTHER.values():
        return None
    if not found["exact"]:
        return f"{name}{(found['range'] or '').replace(' ', '')}"
    version = found["version"]
    is_whole = found["exact"] == "==" or "=" in text.partition(found["exact"])[2] or version.endswith("*")
    return f"{name}=={version}" if is_whole else f"{name}=={version}.*"
