"""The storefront: find a product, choose, agree, order."""

import re
from html import unescape

import pytest
from django.test import Client
from people import SCRIPT, browser, colleague, stands

from opengallery.kit.signing import public_key
from opengallery.market.catalog.actions import add_specification, draft_product, hide_product, list_product
from opengallery.market.orders.models import Consent, Order


@pytest.fixture(autouse=True)
def new_year(world, at):
    stands(at("2020-01-01 09:00"))


@pytest.fixture
def product(world):
    return world.products["ledgerline"]


@pytest.fixture
def address(product):
    return f"/products/{product.public_id}/"


@pytest.fixture
def chosen(world):
    choice = world.choice("license_yearly")
    return {"sku": choice.sku, "period": "year:1", "quantity": "1"}


AGREED = {"eula": "on", "refund_policy": "on"}


def text_of(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_the_first_page_shows_the_newest_products_with_their_lowest_price(world):
    page = text_of(Client().get("/"))
    assert "Ledgerline Accounting" in page
    assert "from 450.00 USD per month" in page
    assert "Become a Seller" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=accounting", {"Ledgerline Accounting"}),
        ("?q=northwind+backup", {"Harbor Backup"}),
        ("?category=Security", {"Halcyon Log Sentry"}),
        ("?q=accounting&category=Security", set()),
        ("?q=%27%21%26", set()),
        ("?q=%00", set()),
        ("?category=%00", set()),
        ("", {"Ledgerline Accounting", "Harbor Backup", "Halcyon Log Sentry", "Plan & Print CAD Viewer"}),
    ],
)
def test_search_by_words_and_category(world, query, found):
    response = Client().get(f"/search/{query}")
    page = text_of(response)
    names = {"Ledgerline Accounting", "Harbor Backup", "Halcyon Log Sentry", "Plan & Print CAD Viewer"}
    assert response.status_code == 200
    assert {name for name in names if name in page} == found
    assert ("Nothing found" in page) is not found or found


def test_search_escapes_what_was_typed(world):
    assert SCRIPT.encode() not in Client().get("/search/", {"q": SCRIPT, "category": SCRIPT}).content


def test_a_broken_cursor_is_refused(world):
    assert Client().get("/search/?cursor=abc").status_code == 422


def test_the_list_costs_the_same_whatever_its_length(world, at, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        Client().get("/search/")
    seller = world.members["seller"]
    for number in range(30):
        more = draft_product(
            seller.organisation, name=f"Tool {number}", category="Engineering", overview="A tool.", introduction="",
            eula="Be kind.", refund_policy="None.", by=seller.actor(), at=at("2019-12-02 09:00"),
        )  # fmt: skip
        from opengallery.kit.money import Money

        add_specification(more, name="One", prices={"year": Money.of("10", "USD")}, at=at("2019-12-02 09:00"))
        list_product(more, by=seller.actor(), at=at("2019-12-02 09:00"))
    with CaptureQueriesContext(connection) as many:
        response = Client().get("/search/")
    assert len(many) == len(few) <= 10
    assert b"cursor=" in response.content
    with CaptureQueriesContext(connection) as home:
        Client().get("/")
    assert len(home) <= 10


def test_the_product_page_says_all_one_needs_before_buying(world, address):
    page = text_of(Client().get(address))
    for words in (
        "Northwind Software", "End user license agreement", "Refund policy", "within 2 days after payment", "Buy now",
        "Mon–Fri, 09:00–18:00 (GMT+01:00)", "support@northwind.example", "Standard, up to 25 users",
        "1,000.00 USD per year",
    ):  # fmt: skip
        assert words in page


@pytest.mark.parametrize(
    ("period", "quantity", "price"),
    [("year:2", "3", "6,000.00 USD"), ("month:3", "1", "1,000.00 USD"), ("year:1", "0", "1,000.00 USD"),
     ("", "²", "1,000.00 USD"), ("year:1", "99999999999", "1,000.00 USD")],
)  # fmt: skip
def test_the_price_follows_the_choice(world, address, chosen, period, quantity, price):
    """What cannot be chosen falls back to what can; ordering it is refused below."""
    page = Client().get(address, chosen | {"period": period, "quantity": quantity})
    assert f'<p class="purchase__price">{price}</p>' in page.content.decode()


def test_htmx_gets_the_purchase_box_alone(world, address, chosen):
    page = Client().get(address, chosen | {"quantity": "2"}, headers={"HX-Request": "true"}).content.decode()
    assert page.strip().startswith("<form")
    assert "2,000.00 USD" in page


def test_products_off_the_shelf_are_their_sellers_secret(world, at, product, address):
    hide_product(product, by=world.actor("seller"), at=at("2020-01-01 09:00"))
    assert Client().get(address).status_code == 404
    assert browser(world, "other_seller").get(address).status_code == 404
    assert "only your organisation sees this page" in text_of(browser(world, "seller").get(address))
    assert "Ledgerline Accounting" not in text_of(Client().get("/search/"))
    assert Client().get("/products/prod_nothing/").status_code == 404


@pytest.mark.parametrize(
    ("who", "why"),
    [("seller", "your own organisation's product"), ("operator", "the marketplace's operator")],
)
def test_who_cannot_buy_is_told_why(world, address, who, why):
    page = text_of(browser(world, who).get(address))
    assert why in page
    assert "Buy now" not in page


def test_a_role_without_buying_is_told_so(world, address, chosen):
    viewer = colleague(world, "buyer", "viewer")
    assert "Your role does not include buying" in text_of(viewer.get(address))
    refused = viewer.get(f"{address}purchase/", chosen)
    assert refused.status_code == 403
    assert "Your role does not include this" in text_of(refused)


def test_the_store_of_a_seller(world):
    page = text_of(Client().get("/stores/northwind/"))
    assert "Harbor Backup" in page
    assert "Halcyon Log Sentry" not in page
    assert Client().get("/stores/nobody/").status_code == 404


def test_pages_for_everybody_may_be_kept_by_visitors_only(world, address):
    for url in ("/", "/search/", address, "/stores/northwind/"):
        response = Client().get(url)
        assert response["Cache-Control"] == "public, max-age=60"
        assert "Cookie" in response["Vary"]
        assert Client().get(url, headers={"If-None-Match": response["ETag"]}).status_code == 304
        assert "private" in browser(world, "buyer").get(url)["Cache-Control"]


def test_visitors_log_in_on_the_way_and_come_back(world, address, chosen):
    visitor = Client()
    to_login = visitor.get(f"{address}purchase/", chosen)
    assert to_login.status_code == 302
    assert to_login.url.startswith("/account/login/?next=/products/")
    back = visitor.post(
        to_login.url, {"login": "buyer@meridian.example", "password": "Open-Gallery-2020",
                       "next": f"{address}purchase/?sku={chosen['sku']}&period=year:1&quantity=1"},
    )  # fmt: skip
    assert back.status_code == 302
    assert "Check your order" in text_of(visitor.get(back.url))


def test_ordering_records_what_was_agreed(world, at, product, address, chosen):
    buyer = browser(world, "buyer")
    page = text_of(buyer.get(f"{address}purchase/", chosen))
    assert "I have read and agree to the End user license agreement" in page
    done = buyer.post(f"{address}purchase/", chosen | AGREED | {"purchase_order": "PO-77"})
    order = Order.objects.get(buyer=world.members["buyer"].organisation)
    assert (done.status_code, done.url) == (302, f"/my/orders/{order.number}/")
    assert (order.label, str(order.total), order.purchase_order) == ("Pending payment", "1,000.00 USD", "PO-77")
    agreed = Consent.objects.filter(order=order)
    assert {consent.text_id for consent in agreed} == {product.eula_id, product.refund_policy_id}
    assert {consent.given_at for consent in agreed} == {at("2020-01-01 09:00")}


@pytest.mark.parametrize("missing", ["eula", "refund_policy"])
def test_without_both_consents_nothing_is_ordered(world, address, chosen, missing):
    sent = {name: value for name, value in AGREED.items() if name != missing}
    answer = browser(world, "buyer").post(f"{address}purchase/", chosen | sent | {"purchase_order": "PO-77"})
    assert answer.status_code == 422
    assert "Read it and tick the box" in text_of(answer)
    assert 'value="PO-77"' in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.spec("AT-101")
@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "0"}, {"quantity": "-1"}, {"quantity": "1.5"}, {"quantity": "10001"}, {"quantity": "many"},
        {"period": "year:6"}, {"period": "decade:1"}, {"period": ""}, {"period": "one_time:1"}, {"sku": "sku_other"},
        {"sku": ""}, {"purchase_order": "P" * 61}, {"purchase_order": "\0"}, {"purchase_order": SCRIPT, "eula": ""},
    ],
)  # fmt: skip
def test_a_wrong_order_is_refused_and_changes_nothing(world, address, chosen, wrong):
    answer = browser(world, "buyer").post(f"{address}purchase/", chosen | AGREED | wrong)
    assert answer.status_code == 422
    assert SCRIPT.encode() not in answer.content
    assert not Order.objects.exists()


def test_another_products_specification_cannot_be_ordered_here(world, address, chosen):
    sku = world.choice("license_monthly").sku
    answer = browser(world, "buyer").post(f"{address}purchase/", chosen | AGREED | {"sku": sku, "period": "month:1"})
    assert answer.status_code == 422


def test_sellers_cannot_buy_from_themselves(world, address, chosen):
    seller = browser(world, "seller")
    assert "your own organisation's product" in text_of(seller.get(f"{address}purchase/", chosen))
    answer = seller.post(f"{address}purchase/", chosen | AGREED)
    assert answer.status_code == 422
    assert "cannot buy its own products" in text_of(answer)


@pytest.mark.spec("AT-88")
def test_a_limited_specification_is_sold_once(world, at, product, address):
    from opengallery.kit.money import Money

    limited = add_specification(
        product,
        name="Starter",
        prices={"year": Money.of("1", "USD")},
        at=at("2019-12-02 09:00"),
        once_per_customer=True,
    )
    chosen = {"sku": limited.skus.get().code, "period": "year:1", "quantity": "1"} | AGREED
    buyer = browser(world, "buyer")
    assert buyer.post(f"{address}purchase/", chosen).status_code == 302
    again = buyer.post(f"{address}purchase/", chosen)
    assert again.status_code == 409
    assert "only once" in text_of(again)
    assert Order.objects.count() == 1


def test_texts_of_sellers_are_escaped(world, at):
    seller = world.members["seller"]
    from opengallery.kit.money import Money

    bad = draft_product(
        seller.organisation, name=SCRIPT, category=SCRIPT, overview=SCRIPT, introduction=SCRIPT, eula=SCRIPT,
        refund_policy=SCRIPT, by=seller.actor(), at=at("2019-12-02 09:00"),
    )  # fmt: skip
    add_specification(bad, name=SCRIPT, prices={"year": Money.of("1", "USD")}, at=at("2019-12-02 09:00"))
    list_product(bad, by=seller.actor(), at=at("2019-12-02 09:00"))
    buyer = browser(world, "buyer")
    sku = bad.specifications.get().skus.get().code
    for url in ("/", "/search/", "/stores/northwind/", f"/products/{bad.public_id}/",
                f"/products/{bad.public_id}/purchase/?sku={sku}&period=year:1&quantity=1"):  # fmt: skip
        answer = buyer.get(url)
        assert answer.status_code == 200
        assert SCRIPT.encode() not in answer.content
    assert bad.state == "on_sale"


def test_the_public_key_is_published(client, world):
    """What a dossier's signature is compared with, for everybody, as one line of 64 digits."""
    answer = client.get("/.well-known/opengallery-key.txt")
    assert answer.status_code == 200
    assert answer.content.decode() == public_key().hex() + "\n"


def steps_on(page):
    """The steps after payment, as the page numbers them."""
    found = re.search(r'id="after-payment".*?<ol class="numbered">(.*?)</ol>', page.content.decode(), re.DOTALL)
    return [unescape(step).strip() for step in re.findall(r"<li>(.*?)</li>", found.group(1))] if found else []


@pytest.mark.parametrize(
    ("key", "steps", "words"),
    [
        ("ledgerline", 4, ("There is nothing to send", "within 2 days")),
        ("migration", 4, ("send a request", "within 20 days")),
        ("cloudbooks", 4, ("send a request", "within 5 days")),
        ("watch", 3, ("yours at once, without supervision", "Purchased Apps")),
        ("appliance", 4, ("you can correct the address", "10 days after the carrier's sign-off")),
        ("image", 3, ("yours at once, without supervision",)),
        ("library", 3, ("yours at once, without supervision",)),
        ("solver", 4, ("collect the code", "cannot be undone")),
        ("controller", 4, ("identification code", "within 3 days")),
        ("agent", 4, ("lies ready at once", "deploy it")),
        ("advice", 0, ()),
    ],
)
def test_each_page_says_what_happens_after_payment(world, key, steps, words):
    page = Client().get(f"/products/{world.products[key].public_id}/")
    found = steps_on(page)
    assert len(found) == steps
    assert all(any(word in step for step in found) for word in words)


def test_a_system_of_the_sellers_changes_the_steps(world, at):
    from opengallery.market.catalog.actions import connect_product

    product = world.products["watch"]
    connect_product(product, endpoint="https://saas.example/", by=world.actor("seller"), at=at("2019-12-02 09:00"))
    page = Client().get(f"/products/{product.public_id}/")
    assert "asked to set it up" in steps_on(page)[0]
    assert "saas.example" not in page.content.decode()


def test_the_acceptance_criteria_are_on_the_page(world):
    product = world.products["migration"]
    page = Client().get(f"/products/{product.public_id}/").content.decode()
    shown = re.search(r'id="criteria".*?<ol class="numbered">(.*?)</ol>', page, re.DOTALL).group(1)
    lines = [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in re.findall(r"<li.*?</li>", shown)]
    assert lines == [
        item["text"] + ("" if item["mandatory"] else " optional") for item in product.criteria
    ]  # fmt: skip
    assert "Acceptance criteria" not in text_of(Client().get(f"/products/{world.products['ledgerline'].public_id}/"))


def test_templates_are_downloaded_from_the_page(world, at):
    product = world.products["migration"]
    base = f"/products/{product.public_id}/"
    page = Client().get(base).content.decode()
    for kind, name in (("request", "Migration request.docx"), ("delivery", "Acceptance record.docx")):
        assert f'href="{base}templates/{kind}/"' in page
        answer = Client().get(f"{base}templates/{kind}/")
        assert name in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content)[:2] == b"PK"
    for nothing in (
        f"{base}templates/other/",
        f"/products/{world.products['ledgerline'].public_id}/templates/request/",
    ):
        assert Client().get(nothing).status_code == 404
    hide_product(product, by=world.actor("seller"), at=at("2020-01-01 09:00"))
    assert Client().get(f"{base}templates/request/").status_code == 404


@pytest.mark.spec("AT-45")
def test_a_consulting_service_only_leads_to_the_seller(world):
    product = world.products["advice"]
    page = Client().get(f"/products/{product.public_id}/")
    text, html = text_of(page), page.content.decode()
    assert 'href="https://www.northwind.example/consulting"' in html
    assert "Visit the seller" in text
    assert "Buy now" not in text
    assert "/purchase/" not in html
    buyer = browser(world, "buyer")
    for answer in (buyer.get(f"/products/{product.public_id}/purchase/"),
                   buyer.post(f"/products/{product.public_id}/purchase/", AGREED)):  # fmt: skip
        assert answer.status_code == 422
    assert not Order.objects.exists()
    assert "Finance Process Consulting" in text_of(Client().get("/search/?q=consulting"))


@pytest.fixture
def appliance(world):
    """Address and choice of the hardware product."""
    choice = world.choice("hardware")
    return (
        f"/products/{world.products['appliance'].public_id}/purchase/",
        {"sku": choice.sku, "period": "one_time:1", "quantity": "1"},
    )


PLACE = {"recipient": "Lin Wei", "phone": "+65 6555 0101", "address": "1 Harbour Road\r\nSingapore 099253"}


def test_hardware_asks_where_it_goes(world, appliance):
    url, chosen = appliance
    buyer = browser(world, "buyer")
    assert "Where it goes" in text_of(buyer.get(url, chosen))
    assert buyer.post(url, chosen | AGREED | PLACE).status_code == 302
    place = Order.objects.get().delivery_address
    assert (place.recipient, place.phone, place.address) == (
        "Lin Wei", "+65 6555 0101", "1 Harbour Road\nSingapore 099253",
    )  # fmt: skip


def test_a_licence_does_not_ask_where_it_goes(world, address, chosen):
    assert "Where it goes" not in text_of(browser(world, "buyer").get(f"{address}purchase/", chosen))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"recipient": ""}, "The recipient is needed"), ({"phone": " "}, "A phone number is needed"),
        ({"address": ""}, "The address is needed"), ({"phone": "call me"}, "5 to 20 digits"),
        ({"phone": "1234"}, "5 to 20 digits"), ({"recipient": "x" * 121}, "at most 120"), ({"address": "x" * 501}, "at most 500"),
        ({"phone": "1" * 41}, "at most 40"), ({"address": "a\0b"}, "Null characters"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_and_what_was_typed_stays(world, appliance, wrong, said):
    url, chosen = appliance
    answer = browser(world, "buyer").post(url, chosen | AGREED | PLACE | {"purchase_order": "PO-9"} | wrong)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="PO-9"' in answer.content.decode()
    assert not Order.objects.exists()
    assert world.specifications["hardware"].skus.get().stock == 25


def test_what_is_sold_out_cannot_be_ordered(world, appliance):
    url, chosen = appliance
    page = url.removesuffix("purchase/")
    sku = world.specifications["hardware"].skus.get()
    sku.stock = 4
    sku.save()
    assert "4 left" in text_of(Client().get(page))
    sku.stock = 0
    sku.save()
    assert "Buy now" in text_of(Client().get(page))  # the other specification is chosen, of which there are some
    shown = text_of(Client().get(page, chosen))
    assert "Sold out. Choose another specification" in shown
    assert "Buy now" not in shown
    refused = browser(world, "buyer").post(url, chosen | AGREED | PLACE)
    assert refused.status_code == 409
    assert not Order.objects.exists()


def test_more_than_is_there_cannot_be_ordered(world, appliance):
    url, chosen = appliance
    answer = browser(world, "buyer").post(url, chosen | AGREED | PLACE | {"quantity": "26"})
    assert answer.status_code == 409
    assert world.specifications["hardware"].skus.get().stock == 25


@pytest.mark.spec("AT-42", "AT-44")
@pytest.mark.parametrize("what", ["saas_instant", "image", "content"])
def test_what_is_not_supervised_is_in_purchased_apps_at_once(world, what):
    choice = world.choice(what)
    product = world.specifications[what].product
    buyer = browser(world, "buyer")
    chosen = {"sku": choice.sku, "period": f"{choice.unit}:1", "quantity": "1"}
    placed = buyer.post(f"/products/{product.public_id}/purchase/", chosen | AGREED)
    buyer.post(f"{placed.url}payment/", {"method": "balance", "confirmed": "1"})
    assert Order.objects.get().label == "Completed"
    assert product.name in text_of(buyer.get("/my/resources/"))
    assert product.name not in text_of(buyer.get("/my/supervision/"))
    assert product.name not in text_of(browser(world, "seller").get("/seller/supervision/"))


def test_the_interface_tells_what_each_kind_is(world):
    said = Client().get(f"/api/v1/products/{world.products['migration'].public_id}").json()
    assert (said["flow"], said["external_url"], said["delivery_method"]) == ("standard", None, "professional_service")
    assert said["criteria"] == world.products["migration"].criteria
    template = said["request_template"]
    assert template["name"] == "Migration request.docx"
    assert b"".join(Client().get(template["href"]).streaming_content).startswith(b"PK")
    advice = Client().get(f"/api/v1/products/{world.products['advice'].public_id}").json()
    assert (advice["specifications"], advice["flow"]) == ([], None)
    assert advice["external_url"] == "https://www.northwind.example/consulting"
    appliance = Client().get(f"/api/v1/products/{world.products['appliance'].public_id}").json()
    assert [sku["stock"] for row in appliance["specifications"] for sku in row["skus"]] == [25, 3]
