"""Products of every delivery method: what may be drafted, what they are sold for, which flow their orders get."""

from pathlib import Path

import pytest

from opengallery.kit.money import Money
from opengallery.kit.problems import InvalidInput, NotYourTurn
from opengallery.market.catalog import rules
from opengallery.market.catalog.actions import add_specification, connect_product, draft_product, list_product
from opengallery.market.catalog.models import DELIVERY_METHODS, Product
from opengallery.market.journal.models import Fact
from opengallery.market.orders.actions import place_order
from opengallery.market.orders.actions.place_order import Address, LineChoice
from opengallery.market.orders.models import Order
from opengallery.market.orders.problems import NotOnSale, SoldOut
from opengallery.market.supervision.actions.carriers import add_carrier, withdraw_carrier
from opengallery.market.supervision.models import Carrier, Flow
from opengallery.market.supervision.states import LIVES
from opengallery.project.shelf import ITEMS, document
from opengallery.project.world import described

NOW = "2019-12-02 09:00"
HERE = Address("Lin Wei", "+65 6555 0101", "1 Harbour Road\nSingapore 099253")


@pytest.fixture
def draft(world, at):
    """Draft a product of the seller's."""

    def make(who="seller", **given):
        told = {
            "name": "Tool", "category": "Engineering", "overview": "A tool.", "introduction": "", "eula": "Be kind.",
            "refund_policy": "None.",
        }  # fmt: skip
        member = world.members[who]
        return draft_product(member.organisation, **told | given, by=member.actor(), at=at(NOW))

    return make


def faults(call, *args, **kwargs):
    with pytest.raises(InvalidInput) as refusal:
        call(*args, **kwargs)
    return refusal.value.errors


@pytest.mark.parametrize(
    ("method", "supervised", "template", "flow"),
    [
        ("license", True, "", "license"), ("license", False, "", "license"), ("license", True, "license_code", "license_code"),
        ("license", True, "license_idcode", "license_idcode"), ("license", True, "license_package", "license_package"),
        ("saas", True, "", "standard"), ("saas", False, "", None), ("professional_service", False, "", "standard"),
        ("hardware", False, "", "hardware"), ("image", True, "", None), ("content", True, "", None),
        ("consulting", True, "", None),
    ],
)  # fmt: skip
def test_which_flow_an_order_gets(method, supervised, template, flow):
    assert rules.flow_of(method, supervised, template) == flow
    assert flow is None or flow in LIVES


def test_the_tables_know_every_delivery_method():
    assert set(rules.SOLD_FOR) == set(DELIVERY_METHODS)
    assert set(rules.LICENSE_FLOWS) <= set(LIVES)


@pytest.mark.parametrize(
    ("method", "sold", "refused"),
    [
        ("license", ("year", "month", "one_time"), ()), ("professional_service", ("year", "month", "one_time"), ()),
        ("saas", ("year", "month", "one_time"), ()), ("hardware", ("one_time",), ("year", "month")),
        ("image", ("year", "month"), ("one_time",)), ("content", ("year", "month", "one_time"), ()),
    ],
)  # fmt: skip
def test_what_each_kind_is_sold_for(draft, at, method, sold, refused):
    product = draft(delivery_method=method)
    for unit in sold:
        assert add_specification(product, name=unit, prices={unit: Money.of("5", "USD")}, at=at(NOW))
    for unit in refused:
        prices = {unit: Money.of("5", "USD")}
        assert set(faults(add_specification, product, name=unit, prices=prices, at=at(NOW))) == {"prices"}
    assert product.specifications.count() == len(sold)


@pytest.mark.spec("AT-45")
def test_a_consulting_service_is_not_traded(world, draft, at):
    product = draft(delivery_method="consulting", external_url="https://advice.example/", eula="", refund_policy="")
    prices = {"one_time": Money.of("5", "USD")}
    assert set(faults(add_specification, product, name="Day", prices=prices, at=at(NOW))) == {"product"}
    list_product(product, by=world.actor("seller"), at=at(NOW))
    assert product.label == "On sale"
    choice = LineChoice(product.public_id, "", 1, "one_time", 1)
    with pytest.raises(InvalidInput):
        place_order([choice], by=world.actor("buyer"), at=at("2020-01-01 10:00"))
    assert not Order.objects.exists()


@pytest.mark.spec("AT-45")
def test_not_even_with_a_price_from_before(world, draft, at):
    """A product that was sold once and is a consulting service now."""
    product = draft()
    specification = add_specification(product, name="Day", prices={"one_time": Money.of("5", "USD")}, at=at(NOW))
    list_product(product, by=world.actor("seller"), at=at(NOW))
    Product.objects.filter(pk=product.pk).update(delivery_method="consulting")
    choice = LineChoice(specification.public_id, specification.skus.get().code, 1, "one_time", 1)
    with pytest.raises(NotOnSale):
        place_order([choice], by=world.actor("buyer"), at=at("2020-01-01 10:00"))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 121}, "name"), ({"name": "a\0b"}, "name"), ({"category": " "}, "category"),
        ({"category": "x" * 61}, "category"), ({"overview": "x" * 301}, "overview"), ({"eula": ""}, "eula"),
        ({"refund_policy": ""}, "refund_policy"), ({"introduction": "x" * 20_001}, "introduction"),
        ({"delivery_method": "cloud"}, "delivery_method"), ({"delivery_days": 0}, "delivery_days"),
        ({"delivery_days": -5}, "delivery_days"), ({"delivery_days": 366}, "delivery_days"),
        ({"flow_template": "hardware"}, "flow_template"),
        ({"delivery_method": "saas", "flow_template": "license_code"}, "flow_template"),
        ({"external_url": "https://x.example"}, "external_url"),
        ({"delivery_method": "consulting"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "http://x.example"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "javascript:alert(1)"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "https://"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "https://a@x.example"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "https://x.example/<script>"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "https://[x"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "https://x.example:99999"}, "external_url"),
        ({"delivery_method": "consulting", "external_url": "https://x.example/" + "a" * 200}, "external_url"),
        ({"endpoint": "https://x.example"}, "endpoint"),
        ({"delivery_method": "saas", "endpoint": "ftp://x.example"}, "endpoint"),
    ],
)  # fmt: skip
def test_what_a_product_cannot_be(draft, given, field):
    assert set(faults(draft, **given)) == {field}
    assert not Product.objects.filter(name="Tool").exists()


def test_all_faults_are_named_at_once(draft):
    found = faults(draft, name="", delivery_days=0, criteria=[{"number": 2}], flow_template="x")
    assert set(found) == {"name", "delivery_days", "criteria", "flow_template"}


def test_only_an_admitted_seller_drafts(draft):
    assert set(faults(draft, who="buyer")) == {"seller"}


def numbered(*texts, **more):
    return [{"number": number, "text": text, "mandatory": True} | more for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    "criteria",
    [
        numbered(""), numbered("  "), numbered("x" * 301), numbered("a\0"), numbered("It runs.", number=2),
        numbered("It runs.", number="1"), numbered("It runs.", number=True), numbered("It runs.", mandatory="yes"),
        numbered(*["It runs."] * 51), [{}], [{"number": 1, "text": None, "mandatory": True}],
        [*numbered("It runs."), *numbered("It runs again.")],
    ],
)  # fmt: skip
def test_criteria_that_are_none(draft, criteria):
    assert set(faults(draft, criteria=criteria)) == {"criteria"}


def test_criteria_are_kept_as_they_were_given(draft):
    given = [*numbered(" It runs. "), {"number": 2, "text": "x" * 300, "mandatory": False, "colour": "red"}]
    product = draft(criteria=given)
    assert product.criteria == [
        {"number": 1, "text": "It runs.", "mandatory": True}, {"number": 2, "text": "x" * 300, "mandatory": False},
    ]  # fmt: skip
    assert draft(criteria=numbered(*["It runs."] * 50)).criteria[-1]["number"] == 50


@pytest.mark.parametrize(
    ("name", "owner", "works"),
    [("form.docx", "seller", True), ("FORM.XLSX", "seller", True), ("form.pdf", "seller", False),
     ("form.docx.exe", "seller", False), ("form.docx", "other_seller", False)],
)  # fmt: skip
def test_templates_are_word_or_excel_files_of_the_sellers(world, draft, proof, name, owner, works):
    file = proof(name, body=document(("Request",)), organisation_id=world.members[owner].organisation_id)
    if works:
        assert draft(request_template=file, delivery_template=file).request_template == file
    else:
        assert set(faults(draft, request_template=file, delivery_template=file)) == {
            "request_template", "delivery_template",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "stock", "works"),
    [("hardware", 0, True), ("hardware", 25, True), ("hardware", None, True), ("license", None, True),
     ("hardware", -1, False), ("hardware", 10_000_000, False), ("license", 5, False), ("image", 0, False)],
)  # fmt: skip
def test_only_hardware_has_a_stock(draft, at, method, stock, works):
    product = draft(delivery_method=method)
    prices = {rules.SOLD_FOR[method][0]: Money.of("5", "USD")} if method == "image" else {
        rules.SOLD_FOR[method][-1]: Money.of("5", "USD")
    }  # fmt: skip
    if works:
        specification = add_specification(product, name="One", prices=prices, at=at(NOW), stock=stock)
        assert specification.skus.get().stock == stock
    else:
        assert set(faults(add_specification, product, name="One", prices=prices, at=at(NOW), stock=stock)) == {"stock"}


def test_the_stock_runs_out(world, at):
    """Twenty-five appliances are there: the twenty-sixth is not sold."""
    buyer, when = world.actor("buyer"), at("2020-01-01 10:00")
    place_order([world.choice("hardware", quantity=25)], by=buyer, at=when, address=HERE)
    with pytest.raises(SoldOut):
        place_order([world.choice("hardware")], by=buyer, at=when, address=HERE)
    assert world.specifications["hardware"].skus.get().stock == 0


def test_where_a_saas_product_is_provided(world, at):
    seller, product = world.actor("seller"), world.products["watch"]
    connect_product(product, endpoint=" https://saas.example/hook ", by=seller, at=at(NOW))
    connect_product(product, endpoint="https://saas.example/hook", by=seller, at=at(NOW))
    assert Product.objects.get(pk=product.pk).endpoint == "https://saas.example/hook"
    assert Fact.objects.filter(verb="connect_product").count() == 1
    connect_product(product, endpoint="", by=seller, at=at(NOW))
    assert Product.objects.get(pk=product.pk).endpoint == ""


@pytest.mark.parametrize("who", ["buyer", "other_seller", "operator"])
def test_only_its_seller_connects_a_product(world, at, who):
    with pytest.raises(NotYourTurn):
        connect_product(world.products["watch"], endpoint="https://x.example", by=world.actor(who), at=at(NOW))


@pytest.mark.parametrize(
    ("product", "endpoint"),
    [("watch", "saas.example"), ("watch", "file:///etc/passwd"), ("watch", "https://"), ("watch", "https://x y.example"),
     ("watch", "https://x.example/" + "a" * 200), ("ledgerline", "https://x.example")],
)  # fmt: skip
def test_strange_addresses_are_refused(world, at, product, endpoint):
    with pytest.raises(InvalidInput) as refusal:
        connect_product(world.products[product], endpoint=endpoint, by=world.actor("seller"), at=at(NOW))
    assert set(refusal.value.errors) == {"endpoint"}


def test_the_demonstration_has_one_of_each_kind(world):
    said = described(world)["products"]
    kinds = {
        "professional_service": "professional_service", "saas_supervised": "saas", "saas_instant": "saas",
        "hardware": "hardware", "image": "image", "content": "content", "license_code": "license",
        "license_idcode": "license", "license_package": "license", "license_yearly": "license",
    }  # fmt: skip
    for key, method in kinds.items():
        product = Product.objects.get(public_id=said[key]["product"])
        assert (product.delivery_method, product.state) == (method, "on_sale")
        assert set(said[key]) == {"product", "specification", "sku", "price"}
    assert said["consulting"] == {
        "product": world.products["advice"].public_id, "external_url": "https://www.northwind.example/consulting",
    }  # fmt: skip
    assert world.products["cloudbooks"].supervised
    assert not world.products["watch"].supervised
    assert {row.name for row in Carrier.objects.all()} == {"Swiftline Express", "Oceanic Freight"}


def test_the_demonstrations_criteria(world):
    for key, item in ITEMS.items():
        product = world.products[key]
        assert len(product.criteria) == len(item.criteria)
        if key in ("ledgerline", "harbor", "sketch", "sentry"):  # the guide walks through them
            assert product.criteria == []
        elif rules.flow_of(product.delivery_method, product.supervised, product.flow_template):
            assert 3 <= len(product.criteria) <= 5
            assert {criterion["mandatory"] for criterion in product.criteria} == {True, False}


def test_templates_are_documents_that_the_house_accepts(tmp_path):
    from opengallery.kit.uploads.contents import content_of

    file: Path = tmp_path / "Request.docx"
    file.write_bytes(document(("Request", "Cut-off & <date>:")))
    assert content_of(file.name).fits(file)


@pytest.mark.spec("AT-44")
@pytest.mark.parametrize("what", ["image", "saas_instant", "content"])
def test_what_is_not_supervised_never_has_a_flow(tale, what):
    order = tale.buys(what, when="2020-01-01 10:00")
    assert order.label == "Completed"
    assert not Flow.objects.exists()
    assert tale.resource(order).label == "Active"


def test_a_carrier_is_listed_changed_and_withdrawn(world):
    given = {
        "name": "Northern Post",
        "secret": "a-secret-of-16-letters",
        "tracking_url": "https://post.example/{number}",
    }
    carrier = add_carrier("northern-post", **given)
    assert add_carrier("northern-post", **given | {"name": "Northern  Parcel"}).name == "Northern Parcel"
    withdraw_carrier(carrier)
    assert not Carrier.objects.get(pk="northern-post").offered
    assert add_carrier("northern-post", **given).offered


@pytest.mark.parametrize(
    ("code", "given", "field"),
    [
        ("", {}, "code"), ("Northern", {}, "code"), ("a" * 31, {}, "code"), ("-a", {}, "code"), ("a b", {}, "code"),
        ("a", {"name": " "}, "name"), ("a", {"name": "x" * 81}, "name"), ("a", {"name": "Oceanic Freight"}, "name"),
        ("a", {"tracking_url": "http://x.example"}, "tracking_url"), ("a", {"tracking_url": "javascript:1"}, "tracking_url"),
        ("a", {"secret": "short"}, "secret"), ("a", {"secret": "x" * 81}, "secret"), ("a", {"secret": "\0" * 16}, "secret"),
    ],
)  # fmt: skip
def test_carriers_that_are_refused(world, code, given, field):
    told = {"name": "Northern Post", "secret": "a-secret-of-16-letters"} | given
    assert set(faults(add_carrier, code, **told)) == {field}
