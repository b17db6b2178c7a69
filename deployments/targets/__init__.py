"""Where revisions run. Each target is one module with three functions, each safe to repeat (ADR 15)."""
