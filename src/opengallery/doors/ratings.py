"""Ratings as pages show them: the form of the three scales, and what everybody reads of a product."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from opengallery.doors.forms import TypedForm, typed
from opengallery.market.aftersales import rules, states
from opengallery.market.aftersales.models import Rating
from opengallery.market.catalog.models import Product

SHOWN = 10  # the newest; the means are of all
SCORES = [
    ("", gettext_lazy("Choose")),
    ("5", gettext_lazy("5 – Very good")),
    ("4", gettext_lazy("4 – Good")),
    ("3", gettext_lazy("3 – Fair")),
    ("2", gettext_lazy("2 – Poor")),
    ("1", gettext_lazy("1 – Very poor")),
]


class RatingForm(TypedForm):
    """Three scales from 1 to 5, and a comment."""

    product_quality = forms.CharField(label=gettext_lazy("Product quality"), widget=forms.Select(choices=SCORES))
    delivery_speed = forms.CharField(label=gettext_lazy("Delivery speed"), widget=forms.Select(choices=SCORES))
    service_attitude = forms.CharField(label=gettext_lazy("Service attitude"), widget=forms.Select(choices=SCORES))
    comment = forms.CharField(
        label=gettext_lazy("Comment"), required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": rules.COMMENT_MAX}),
        help_text=gettext_lazy("Everybody may read it. At most 1,000 characters."),
    )  # fmt: skip


def scores_in(request: HttpRequest) -> dict[str, object]:
    """The scores that were chosen: numbers where they are some; the verb judges the rest."""
    given = {scale: typed(request, scale).strip() for scale in states.SCALES}
    return {scale: int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else text
            for scale, text in given.items()}  # fmt: skip


def published(product: Product) -> dict[str, Any]:
    """What everybody reads of a product (components/ratings.html): the means, and the newest ratings."""
    rows = Rating.objects.published_of(product)
    score = rows.score()
    newest = rows.select_related("order").order_by("-submitted_at", "-id")[:SHOWN] if score.count else []
    return {"score": score, "ratings": newest}
