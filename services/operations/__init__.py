"""Operations 运营: who runs the communities, under which contract, for what money, how well."""
