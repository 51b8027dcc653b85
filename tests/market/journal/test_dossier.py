"""The dossier: what is in it, who gets it, and that it is always the same."""

import hashlib
import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import storages

from opengallery.kit.actor import VISITOR
from opengallery.kit.problems import NotFound
from opengallery.kit.signing import is_signed, public_key
from opengallery.kit.uploads import MEBIBYTE
from opengallery.kit.uploads.keeping import place_of
from opengallery.market.journal import verifier
from opengallery.market.journal.models import Fact
from opengallery.market.journal.verifier import verify
from opengallery.market.supervision.actions import (
    decide_appeal,
    deliver_service,
    file_appeal,
    retract_acceptance,
)
from opengallery.market.supervision.actions.reject_delivery import reject_delivery
from opengallery.market.supervision.dossier import build_dossier
from opengallery.market.supervision.models import Deliverable, Flow
from opengallery.market.unsubscription.actions import agree_unsubscription, request_unsubscription


def test_it_is_an_ordinary_zip_that_any_program_opens(dossier, flow):
    with zipfile.ZipFile(io.BytesIO(dossier)) as archive:
        assert archive.testzip() is None
        keys = Deliverable.objects.filter(delivery__flow=flow).order_by("id").values_list("file_id", flat=True)
        assert archive.namelist() == [
            "facts.jsonl",
            *(f"files/{key}" for key in keys),
            "README.txt",
            "verify.py",
            "manifest.json",
            "manifest.sig",
        ]
        assert {info.date_time for info in archive.infolist()} == {(2020, 3, 2, 0, 30, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_it_holds_every_fact_of_the_order_and_the_files_of_the_line(dossier, flow):
    with zipfile.ZipFile(io.BytesIO(dossier)) as archive:
        facts = [json.loads(line) for line in archive.read("facts.jsonl").splitlines()]
        stored = list(Fact.objects.of(flow.stream))
        assert [fact["body"] for fact in facts] == [fact.body for fact in stored]
        assert [fact["hash"] for fact in facts] == [bytes(fact.hash).hex() for fact in stored]
        for deliverable in Deliverable.objects.filter(delivery__flow=flow).select_related("file"):
            body = archive.read(f"files/{deliverable.file_id}")
            assert hashlib.sha256(body).hexdigest() == deliverable.file.sha256
        readme = archive.read("README.txt").decode()
        assert flow.number in readme
        assert "übergabe.pdf" in readme
        assert "other.pdf" not in readme
        assert archive.read("verify.py") == Path(verifier.__file__).read_bytes()


def test_it_holds_the_proofs_of_an_appeal_and_of_an_unsubscription(flow, world, at, proof, tmp_path):
    """What went with a step about the line is in it, whatever the step's own subject is."""
    buyer, seller, operator = (world.actor(name) for name in ("buyer", "seller", "operator"))
    retract_acceptance(flow, reason="It does not start.", by=buyer, at=at("2020-03-01 11:00"))
    appeal = file_appeal(flow, ground="other_buyer", reason="Look at it.", files=[proof("calls.pdf")], kinds=["other"],
                         by=buyer, at=at("2020-03-02 10:00"))  # fmt: skip
    decide_appeal(appeal, decision="resume", note="Talk to each other.", by=operator, at=at("2020-03-03 10:00"))
    flow = Flow.objects.with_order().get(pk=flow.pk)
    row = request_unsubscription(flow, amount="10.00", reason="other", by=buyer, at=at("2020-03-04 10:00"))
    row.refresh_from_db()
    agree_unsubscription(row, comments="Agreed.", files=[proof("agreed.pdf")], by=seller, at=at("2020-03-05 10:00"))
    with build_dossier(flow, by=buyer, at=at("2020-03-06 10:00")).file as file:
        path = tmp_path / "dossier.zip"
        path.write_bytes(file.read())
    with zipfile.ZipFile(path) as archive:
        readme = archive.read("README.txt").decode()
    assert "calls.pdf" in readme
    assert "agreed.pdf" in readme
    assert "other.pdf" not in readme
    assert verify(str(path)) == []


def test_the_manifest_and_the_head_are_signed(dossier, flow):
    with zipfile.ZipFile(io.BytesIO(dossier)) as archive:
        text, signature = archive.read("manifest.json"), archive.read("manifest.sig")
    manifest = json.loads(text)
    assert is_signed(text, signature, public_key())
    assert manifest["public_key"] == public_key().hex()
    assert (manifest["order"], manifest["line"]) == (flow.stream, flow.number)
    assert manifest["generated_at"] == "2020-03-02T00:30:00Z"
    assert manifest["head"]["sequence"] == Fact.objects.of(flow.stream).count()


def test_all_parties_get_the_same_bytes_and_strangers_nothing(dossier, flow, world, at):
    for name in ("buyer", "seller", "operator"):
        with build_dossier(flow, by=world.actor(name), at=at("2020-03-02 08:30")).file as file:
            assert file.read() == dossier
    for stranger in (world.actor("other_buyer"), world.actor("other_seller"), VISITOR):
        with pytest.raises(NotFound):
            build_dossier(flow, by=stranger, at=at("2020-03-02 08:30"))


def test_it_is_genuine_at_every_stage_of_the_order(flow, world, at, proof):
    buyer, seller = world.actor("buyer"), world.actor("seller")

    def check(line):
        made = build_dossier(line, by=buyer, at=at("2020-03-01 10:30"))
        with made.file:
            assert made.name == f"dossier-{line.number}.zip"
            assert verify(made.file, key=public_key().hex()) == []

    check(flow)
    check(Flow.objects.get(number=f"{flow.stream}-000002"))
    retract_acceptance(flow, reason="Too early.", by=buyer, at=at("2020-03-01 11:00"))
    check(flow)
    reject_delivery(flow, reason="No.", by=buyer, at=at("2020-03-01 11:01"))
    deliver_service(flow, service_result="Again", files=[proof()], by=seller, at=at("2020-03-01 11:02"))
    check(flow)


def test_a_file_that_the_installation_lost_is_named(flow, world, at):
    file = Deliverable.objects.filter(delivery__flow=flow).first().file
    storages["files"].delete(place_of(file.key))
    with build_dossier(flow, by=world.actor("buyer"), at=at("2020-03-02 08:30")).file as made:
        assert verify(made) == [f"deliverables: '{file.key}' is recorded in the facts, but missing"]


def test_a_file_that_was_exchanged_on_the_disk_is_named(flow, world, at):
    file = Deliverable.objects.filter(delivery__flow=flow).first().file
    with open(storages["files"].path(place_of(file.key)), "r+b") as stored:
        stored.write(b"%PDF-1.7")
    with build_dossier(flow, by=world.actor("buyer"), at=at("2020-03-02 08:30")).file as made:
        [fault] = verify(made)
    assert fault.startswith(f"deliverables: files/{file.key} is not the file that was handed in")


def test_large_files_pass_through_without_being_held_in_memory(flow, world, at, proof):
    buyer, seller = world.actor("buyer"), world.actor("seller")
    retract_acceptance(flow, reason="Too early.", by=buyer, at=at("2020-03-01 11:00"))
    reject_delivery(flow, reason="No.", by=buyer, at=at("2020-03-01 11:01"))
    large = [proof(f"{n}.pdf", b"%PDF-1.4\n" + b"x" * (19 * MEBIBYTE)) for n in range(3)]
    deliver_service(flow, service_result="Large", files=large, by=seller, at=at("2020-03-01 11:02"))
    tracemalloc.start()
    try:
        with build_dossier(flow, by=buyer, at=at("2020-03-01 11:03")).file as made:
            assert verify(made) == []
            assert made.seek(0, 2) > 57 * MEBIBYTE
        assert tracemalloc.get_traced_memory()[1] < 8 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_an_outsider_checks_it_with_the_copy_inside(dossier, tmp_path):
    (tmp_path / "dossier.zip").write_bytes(dossier)
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        archive.extract("verify.py", tmp_path)
    command = [sys.executable, "-I", tmp_path / "verify.py", tmp_path / "dossier.zip"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert [line[:4] for line in run.stdout.splitlines()] == ["PASS"] * 7 + ["GENU"]
    assert public_key().hex() in run.stdout
