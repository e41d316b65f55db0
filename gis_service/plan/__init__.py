"""Plans: rules, codes, assignments of units to grids (pure functions)."""
