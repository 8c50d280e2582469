"""What the monolith's Django says and what it is told: its registry, labels, AppConfigs, settings, databases.

Nothing here knows git or the checkout.
"""
