"""One fact: its body as it was hashed, its place in the chain, and whether the hash still fits."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from opengallery.doors.flows import event
from opengallery.doors.pages import actor_of, find, page
from opengallery.doors.trail import trail
from opengallery.market.journal.chain import link
from opengallery.market.journal.models import Fact, Head


@page(right="operations:view")
def fact(request: HttpRequest, pk: int) -> HttpResponse:
    """The fact, with its neighbours."""
    actor = actor_of(request)
    found = find(Fact.objects.visible_to(actor), pk=pk)
    stream = Fact.objects.visible_to(actor).filter(stream=found.stream)
    head = Head.objects.filter(pk=found.stream).first()
    context = {
        "fact": found,
        "event": event(found),
        "body": json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
        "hash": bytes(found.hash).hex(),
        "previous_hash": bytes(found.previous).hex(),
        "fits": link(bytes(found.previous), found.sequence, found.body) == bytes(found.hash),
        "signed": head is not None and head.signed_sequence >= found.sequence,
        "before": stream.filter(sequence=found.sequence - 1).first(),
        "after": stream.filter(sequence=found.sequence + 1).first(),
        "breadcrumbs": trail((_("Journal"), "operations:journal"), here=f"{found.stream} #{found.sequence}"),
    }
    return render(request, "operations/journal/fact.html", context)
