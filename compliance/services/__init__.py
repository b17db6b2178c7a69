"""Operations of compliance."""
