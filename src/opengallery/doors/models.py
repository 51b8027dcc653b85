"""Exports that were asked for."""

from django.db import models

from opengallery.kit.actor import Actor


class ExportQuery(models.QuerySet["Export"]):
    """Which exports."""

    def visible_to(self, actor: Actor) -> "ExportQuery":
        """One's organisation's."""
        mine = actor.organisation_id
        return self.filter(organisation_id=mine, is_operator=actor.is_operator) if mine else self.none()


class Export(models.Model):
    """An Excel file of a list: asked for, made by the worker, gone after some days."""

    public_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20)
    side = models.CharField(max_length=10)
    filters = models.JSONField()
    organisation_id = models.BigIntegerField()
    requested_by_id = models.BigIntegerField()
    is_operator = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    rows = models.IntegerField(default=0)
    storage_key = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField()

    objects = ExportQuery.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "-requested_at"], name="exports_of_a_company")]

    def __str__(self) -> str:
        return self.public_id
