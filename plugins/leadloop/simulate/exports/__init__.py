"""How the made company's systems write down its days: one module a system, dirt included."""
