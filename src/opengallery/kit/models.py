"""The kit's own tables: files kept, the sandbox clock, answers given under an idempotency key."""

from django.db import models


class StoredFile(models.Model):
    """A file that somebody uploaded: where its bytes lie, and what they are."""

    key = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    organisation_id = models.BigIntegerField()
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "uploaded_at"], name="files_of_a_day")]

    def __str__(self) -> str:
        return self.name

    @property
    def evidence(self) -> dict[str, str | int]:
        """What a fact records of the file: enough to tell later whether it is the one that was handed in."""
        return {"file": self.key, "name": self.name, "size": self.size, "sha256": self.sha256}


class SandboxClock(models.Model):
    """One row: the instant at which a sandbox's clock stands."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.at.isoformat()


class Answer(models.Model):
    """The first answer given to a call under an idempotency key, so that a repeat gets the same one."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.IntegerField()
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["answered_at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
