"""The process that predictions pass through: one asyncio loop between callers and the processes of models."""
