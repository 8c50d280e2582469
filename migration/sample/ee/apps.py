from django.apps import AppConfig


class EnterpriseConfig(AppConfig):
    name = "ee"
    label = "ee"
    verbose_name = "Enterprise"
    default_auto_field = "django.db.models.BigAutoField"
