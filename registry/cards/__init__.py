"""Model cards: the shape of SageMaker's model card content, and what it lacks."""
