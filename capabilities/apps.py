from django.apps import AppConfig
from django.core.checks import register


class CapabilitiesConfig(AppConfig):
    name = "capabilities"
    verbose_name = "State machines"

    def ready(self) -> None:
        from .deployment.mapping import wrong_setting

        register(wrong_setting, "smadmin")
