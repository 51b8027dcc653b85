"""Forms that carry what was typed, and the confirmation of what cannot be undone."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class TypedForm(forms.Form):
    """What was typed, for showing it again. It judges nothing: the verb does, and its refusal is put at the fields."""

    def full_clean(self) -> None:
        """Start without errors; `show_refusal` adds the verb's."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data = {}


class FilesInput(forms.FileInput):
    """A file control for several files; `accept`, `data-max-bytes` and `data-max-files` are hints to the browser."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True} | (attrs or {}))


def typed(request: HttpRequest, name: str) -> str:
    """A text as it was typed: browsers send line ends as two characters, and people count one.

    Nobody types the character NUL, and PostgreSQL does not store it.
    """
    return request.POST.get(name, "").replace("\r\n", "\n").replace("\0", "")


def confirmed(request: HttpRequest) -> bool:
    """Whether the person has said OK in the dialog, or on the page that stands in for it."""
    return "confirmed" in request.POST


def ask(request: HttpRequest, *, title: str, text: str, cancel_url: str, danger: bool = False,
        ok: str = "") -> HttpResponse:  # fmt: skip
    """The confirmation of a form without files where no script can show a dialog: "OK" posts the same again.

    `ok`: other words for the button.
    """
    context = {"title": title, "text": text, "cancel_url": cancel_url, "danger": danger, "ok": ok}
    return render(request, "components/confirm_page.html", context)
