"""Operations of the registry."""
