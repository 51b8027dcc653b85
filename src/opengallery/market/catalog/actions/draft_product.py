"""Draft a product of any delivery method: what it is, how it is delivered, what a delivery must fulfil."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from opengallery.kit.actor import Actor
from opengallery.kit.ids import new_id
from opengallery.kit.models import StoredFile
from opengallery.kit.problems import InvalidInput
from opengallery.kit.verbs import atomic
from opengallery.kit.words import Words, words_of
from opengallery.market.catalog import rules
from opengallery.market.catalog.models import CONSULTING, DELIVERY_METHODS, LICENSE, SAAS, LegalText, Product
from opengallery.market.identity.models import Organisation
from opengallery.market.journal.models import record
from opengallery.market.sellers.models import Seller

MOST_DAYS = 365


@atomic
def draft_product(seller: Organisation, *, name: str, category: str, overview: str, introduction: str, eula: str,
                  refund_policy: str, by: Actor, at: datetime, delivery_days: int = 5, delivery_method: str = LICENSE,
                  supervised: bool = True, flow_template: str = "", criteria: Sequence[Mapping[str, Any]] = (),
                  external_url: str = "", endpoint: str = "", request_template: StoredFile | None = None,
                  delivery_template: StoredFile | None = None) -> Product:  # fmt: skip
    """Create a product that nobody sees yet.

    `criteria` are numbered from 1: {"number", "text", "mandatory"}. A consulting service needs `external_url`, has no
    legal texts. InvalidInput unless the organisation is an admitted seller, and for every field that does not fit.
    """
    if not Seller.objects.filter(pk=seller.pk).exists():
        raise InvalidInput({"seller": ["Only an admitted seller can offer products."]})
    errors = text_errors(name, category, overview, introduction, eula, refund_policy, delivery_method)
    errors |= kind_errors(delivery_method, flow_template, external_url, endpoint)
    if not 1 <= delivery_days <= MOST_DAYS:
        errors["delivery_days"] = [f"The delivery period is a whole number of 1 to {MOST_DAYS} days."]
    if found := rules.criteria_errors(criteria):
        errors["criteria"] = found
    for field, file in (("request_template", request_template), ("delivery_template", delivery_template)):
        if file is not None and (error := template_error(file, seller)):
            errors[field] = [error]
    if errors:
        raise InvalidInput(errors)
    product = Product.objects.create(
        public_id=new_id("prod", at), seller=seller, name=name.strip(), delivery_method=delivery_method,
        category=category.strip(), overview=overview.strip(), introduction=introduction, delivery_days=delivery_days,
        supervised=supervised, flow_template=flow_template, external_url=external_url, endpoint=endpoint,
        criteria=[{"number": item["number"], "text": item["text"].strip(), "mandatory": item["mandatory"]}
                  for item in criteria],
        request_template=request_template, delivery_template=delivery_template, state="draft", state_since=at,
        eula=LegalText.keep("eula", eula), refund_policy=LegalText.keep("refund", refund_policy),
        words=Words(*words_of(name, category, overview, seller.name)),
    )  # fmt: skip
    record(product, "draft_product", by=by, at=at, to="draft", data={"name": product.name})
    return product


def text_errors(name: str, category: str, overview: str, introduction: str, eula: str, refund_policy: str,
                delivery_method: str) -> dict[str, list[str]]:  # fmt: skip
    """What is wrong with the texts, by field; nobody agrees to the texts of what is not traded."""
    needed = [
        ("name", name, 120, "The name"), ("category", category, 60, "The category"),
        ("overview", overview, 300, "The overview"),
    ]  # fmt: skip
    legal = [("eula", eula, 100_000, "The EULA"), ("refund_policy", refund_policy, 100_000, "The refund policy")]
    optional = [("introduction", introduction, 20_000, "The introduction")] if introduction else []
    given = [row for row in legal if row[1]] if delivery_method == CONSULTING else legal
    return {
        field: [error]
        for field, text, most, what in (*needed, *given, *optional)
        if (error := rules.words_error(text, most=most, what=what))
    }


def kind_errors(delivery_method: str, flow_template: str, external_url: str, endpoint: str) -> dict[str, list[str]]:
    """What does not go with the delivery method, by field."""
    errors: dict[str, list[str]] = {}
    if delivery_method not in DELIVERY_METHODS:
        errors["delivery_method"] = [f"The delivery method is one of: {', '.join(DELIVERY_METHODS)}."]
    if flow_template and delivery_method != LICENSE:
        errors["flow_template"] = ["Only a licence has a service flow of its own choice."]
    elif flow_template and flow_template not in rules.LICENSE_FLOWS:
        errors["flow_template"] = [f"The service flow is one of: {', '.join(rules.LICENSE_FLOWS)}."]
    if delivery_method == CONSULTING:
        if error := rules.link_error(external_url):
            errors["external_url"] = [error]
    elif external_url:
        errors["external_url"] = ["Only a consulting service leads to a site of the seller's."]
    if endpoint and (error := endpoint_error(delivery_method, endpoint)):
        errors["endpoint"] = [error]
    return errors


def endpoint_error(delivery_method: str, endpoint: str) -> str:
    """Why this cannot be the address of the system that provisions the product, or ""."""
    if delivery_method != SAAS:
        return "Only a SaaS product is provisioned by a system of the seller's."
    return rules.link_error(endpoint, schemes=("https", "http"))


def template_error(file: StoredFile, seller: Organisation) -> str:
    """Why a file cannot be a template of the product's (C11), or ""."""
    if file.organisation_id != seller.pk:
        return "The file is not one of the seller's."
    if not file.name.lower().endswith(rules.TEMPLATE_KINDS):
        return f"A template is a Word or Excel file: {', '.join(rules.TEMPLATE_KINDS)}."
    return ""
