"""Who may charge: drivers, cards, guests, rules and quotas. It decides and touches nothing."""
