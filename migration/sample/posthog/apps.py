from django.apps import AppConfig


class PostHogConfig(AppConfig):
    name = "posthog"
    label = "posthog"
    verbose_name = "PostHog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Counts jobs from here on
        from posthog.warehouse import metrics  # noqa: F401
