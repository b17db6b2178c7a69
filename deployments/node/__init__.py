"""The serving node: holds the model processes of the local target on one machine (ADR 15)."""
