"""A small server for one model of MLflow: its scoring protocol, and Open Inference Protocol v2."""
