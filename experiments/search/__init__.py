"""MLflow's filter and order-by language: parsed by tables, compiled to parameterised SQL, paged by keyset."""
