"""Operations to steps, as `database_forwards` takes them."""
