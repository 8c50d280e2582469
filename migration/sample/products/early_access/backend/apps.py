from django.apps import AppConfig


class EarlyAccessConfig(AppConfig):
    name = "products.early_access.backend"
    label = "early_access"
    verbose_name = "Early access"
    default_auto_field = "django.db.models.BigAutoField"
