"""The project as a Django application: when all are loaded, it tells each who listens to what."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "opengallery.project"
    label = "project"

    def ready(self) -> None:
        """Hand the table of reactions to the journal."""
        from opengallery.market.journal import models
        from opengallery.project.reactions import WITHIN

        models.WITHIN.update(WITHIN)
