"""Place an order: choose from the shelf, freeze the terms, record the consents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from opengallery.kit.actor import Actor
from opengallery.kit.bulk import insert_rows
from opengallery.kit.ids import line_number, order_number
from opengallery.kit.money import LARGEST, Money
from opengallery.kit.problems import InvalidInput
from opengallery.kit.texts import is_text
from opengallery.kit.verbs import atomic
from opengallery.kit.words import Words
from opengallery.market.catalog import rules
from opengallery.market.catalog import states as catalog_states
from opengallery.market.catalog.models import CONSULTING, HARDWARE, PriceLine, Sku
from opengallery.market.journal.chain import utc_text
from opengallery.market.journal.models import record
from opengallery.market.orders import states
from opengallery.market.orders.models import Consent, DeliveryAddress, Order, OrderLine, Resource
from opengallery.market.orders.problems import LimitReached, NotOnSale, SoldOut
from opengallery.market.orders.rules import address_errors
from opengallery.market.orders.search import tokens_of
from opengallery.market.orders.terms import Terms
from opengallery.market.policy.models import Policy
from opengallery.market.policy.settings import SETTINGS
from opengallery.market.purchasing.actions import reserve_budget
from opengallery.market.purchasing.models import Rule
from opengallery.market.purchasing.queries import demands_of, purchase_faults
from opengallery.market.purchasing.rules import code_of

MOST_LINES = 20
UNPAID = {False: "unpaid_order_minutes", True: "unpaid_hardware_order_minutes"}  # by whether goods are among it (D6)
# Switches and times that the order keeps as they stand today, under their own names (spec 0.2).
COPIED = (
    "appeal_gate", "appeal_stall_days", "appeal_rejection_count", "platform_review", "hardware_auto_accept_days",
    "auto_close_days", "negotiated_unsubscription", "unsubscription_in_grace", "unsubscription_review_days",
    "return_shipping_days", "return_check_days",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineChoice:
    """What the buyer chose: public ids, the quantity, and the period (`unit` "year", "month" or "one_time")."""

    specification: str
    sku: str
    quantity: int
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where goods go: the recipient, a phone number that the carrier gets, and the postal address."""

    recipient: str
    phone: str
    address: str


@atomic
def place_order(choices: Sequence[LineChoice], *, by: Actor, at: datetime, purchase_order: str = "",
                cost_centre: str = "", address: Address | None = None) -> Order:  # fmt: skip
    """Place an order of one seller's products; by placing it the buyer agrees to their EULAs and refund policies.

    Goods need an `address`. InvalidInput names the line and field; NotOnSale, LimitReached, SoldOut. The order waits
    for payment until it expires; what it takes from the stock goes back when it is canceled.

    The buyer's own rules (purchasing) may demand a purchase order number and a cost centre, whose budget then bears it:
    BudgetExceeded; above their limit the order waits for a second person first.
    """
    if by.organisation_id is None:
        raise InvalidInput({"buyer": ["Only a member of an organisation can buy."]})
    rule = demands_of(by.organisation_id)
    check_shape(choices, purchase_order, purchase_faults(rule, purchase_order=purchase_order, cost_centre=cost_centre))
    prices = [find_price(index, choice) for index, choice in enumerate(choices)]
    check_together(prices, by)
    place = check_address(address, prices)
    take_stock(prices, choices)
    policy = Policy.at(at)
    terms = [freeze(price, choice, policy) for price, choice in zip(prices, choices, strict=True)]
    order = write_order(
        prices, terms, type=states.NEW, purchase_order=purchase_order.strip(), cost_centre=code_of(cost_centre),
        rule=rule, policy=policy, by=by, at=at,
    )  # fmt: skip
    if place is not None:
        DeliveryAddress.objects.create(order=order, recipient=place.recipient, phone=place.phone, address=place.address)
    return order


def check_shape(choices: Sequence[LineChoice], purchase_order: str, missing: dict[str, list[str]]) -> None:
    """Refuse what no shelf could answer, and what lacks something that the buyer's own rules demand (`missing`)."""
    errors = dict(missing)
    if not 1 <= len(choices) <= MOST_LINES:
        errors["lines"] = [f"An order has 1 to {MOST_LINES} lines."]
    if len(purchase_order.strip()) > 60:
        errors["purchase_order"] = ["A purchase order number has at most 60 characters."]
    if not is_text(purchase_order):
        errors["purchase_order"] = ["A purchase order number contains a character that is not text."]
    for index, choice in enumerate(choices):
        if not 1 <= choice.quantity <= rules.MOST_QUANTITY:
            errors[f"lines.{index}.quantity"] = [f"The quantity is a whole number from 1 to {rules.MOST_QUANTITY:,}."]
        if choice.unit not in rules.UNITS:
            errors[f"lines.{index}.period"] = [f"The period's unit is one of: {', '.join(rules.UNITS)}."]
        elif not 1 <= choice.count <= rules.MOST_PERIODS[choice.unit]:
            errors[f"lines.{index}.period"] = [
                f"The period is 1 to {rules.MOST_PERIODS[choice.unit]} of a {choice.unit}."
            ]
    if errors:
        raise InvalidInput(errors)


def find_price(index: int, choice: LineChoice) -> PriceLine:
    """Find the price line that a choice means; InvalidInput at the line, NotOnSale if it is off the shelf."""
    named = PriceLine.objects.filter(
        sku__specification__public_id=choice.specification, sku__code=choice.sku, unit=choice.unit
    )
    known = is_text(choice.specification) and is_text(choice.sku)
    try:
        price = named.select_related("sku__specification__product__seller").get() if known else None
    except PriceLine.DoesNotExist:
        price = None
    if price is None:
        raise InvalidInput(
            {f"lines.{index}.specification": ["There is no such specification, SKU and period on sale."]}
        )
    specification = price.sku.specification
    if not (
        price.sku.on_sale
        and specification.product.delivery_method != CONSULTING
        and specification.on_sale
        and specification.product.state == catalog_states.ON_SALE
    ):
        raise NotOnSale(f"“{specification.product.name} · {specification.name}” cannot be ordered.")
    return price


def check_together(prices: Sequence[PriceLine], by: Actor) -> None:
    """One seller, one currency, not oneself, within the purchase limits."""
    products = [price.sku.specification.product for price in prices]
    if len({product.seller_id for product in products}) > 1 or len({price.currency for price in prices}) > 1:
        raise InvalidInput({"lines": ["All lines of an order are of one seller and in one currency."]})
    if products[0].seller_id == by.organisation_id:
        raise InvalidInput({"lines": ["An organisation cannot buy its own products."]})
    limited = [price.sku.specification for price in prices if price.sku.specification.once_per_customer]
    for specification in limited:
        # Two orders at once meet here: the second sees the first.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [specification.pk, by.organisation_id])
        bought = (
            OrderLine.objects.filter(
                order__buyer=by.organisation_id, order__type=states.NEW, price_line__sku__specification=specification
            )
            .exclude(order__state=states.CANCELED)
            .exclude(order__unsubscribed=True)
        )
        if limited.count(specification) > 1 or bought.exists():
            raise LimitReached(f"“{specification.name}” is limited to one purchase per customer.")


def is_goods(price: PriceLine) -> bool:
    """Whether a price line sells something that has to be shipped."""
    return price.sku.specification.product.delivery_method == HARDWARE


def check_address(address: Address | None, prices: Sequence[PriceLine]) -> Address | None:
    """The address of an order of goods, trimmed; None when nothing is shipped. InvalidInput at its fields."""
    return checked_address(address or Address("", "", "")) if any(is_goods(price) for price in prices) else None


def checked_address(address: Address) -> Address:
    """The address, trimmed. InvalidInput at recipient, phone and address."""
    found = address_errors(address.recipient, address.phone, address.address)
    if found:
        raise InvalidInput(found)
    return Address(address.recipient.strip(), address.phone.strip(), address.address.strip())


def take_stock(prices: Sequence[PriceLine], choices: Sequence[LineChoice]) -> None:
    """Take the pieces from the shelf. SoldOut if there are not so many; of two who want the last one, one gets it."""
    for price, choice in sorted(zip(prices, choices, strict=True), key=lambda pair: pair[0].sku_id):
        if price.sku.stock is None:
            continue
        left = Sku.objects.filter(pk=price.sku_id, stock__gte=choice.quantity)
        if not left.update(stock=F("stock") - choice.quantity):
            raise SoldOut(f"“{price.sku.specification.product.name}”: fewer than {choice.quantity} are left.")


def freeze(price: PriceLine, choice: LineChoice, policy: Policy) -> Terms:
    """Copy price, fee, validity rule, switches and delays: the order keeps them whatever changes tomorrow."""
    specification = price.sku.specification
    product = specification.product
    net = rules.price_of(price.price, quantity=choice.quantity, count=choice.count)
    if net > Money.of(LARGEST, net.currency):
        raise InvalidInput({"lines": [f"A line costs at most {Money.of(LARGEST, net.currency)}; this one: {net}."]})
    own_fee = product.fee_bp is not None
    flow = rules.flow_of(product.delivery_method, product.supervised, product.flow_template)
    auto_accept = f"auto_accept_days_{flow}"
    return Terms(
        product=product.public_id, product_name=product.name, specification=specification.public_id,
        specification_name=specification.name, sku=price.sku.code, attributes=price.sku.attributes,
        delivery_method=product.delivery_method, flow=flow, unit=choice.unit,
        count=choice.count, quantity=choice.quantity, unit_price=price.price.amount(), net=net.amount(),
        currency=price.currency, fee_bp=product.fee_bp if product.fee_bp is not None else policy["platform_fee_bp"],
        fee_rule=f"rate of product {product.public_id}" if own_fee else "platform_fee_bp, the platform's default",
        delivery_days=product.delivery_days, completion_delay_minutes=policy["order_completion_delay_minutes"],
        reminder_cooldown_hours=policy["reminder_cooldown_hours"], grace_days=policy["grace_days"],
        retention_days=policy["retention_days"], enabling_time_field=policy["enabling_time_field"],
        require_sow_and_acceptance=policy["require_sow_and_acceptance"], eula=product.eula_id,
        refund_policy=product.refund_policy_id, criteria=tuple(product.criteria), provisioned=bool(product.endpoint),
        auto_accept_days=policy[auto_accept] if auto_accept in SETTINGS else 0,
        **{key: policy[key] for key in COPIED},
    )  # fmt: skip


def write_order(prices: Sequence[PriceLine], terms: Sequence[Terms], *, type: str, purchase_order: str,
                cost_centre: str, rule: Rule, policy: Policy, by: Actor, at: datetime,
                resource: Resource | None = None) -> Order:  # fmt: skip
    """Write the order, its lines and consents, and its first fact; reserve its budget."""
    product = prices[0].sku.specification.product
    currency = prices[0].currency
    total = Money.total((term.price for term in terms), currency)
    order = Order.objects.create(
        number=order_number(at), type=type, buyer_id=by.organisation_id or 0, seller_id=product.seller_id,
        customer_name=by.organisation_name, customer_full_name=by.full_name,
        customer_username=by.username, seller_name=product.seller.name,
        purchase_order=purchase_order, cost_centre=cost_centre, currency=currency, total_units=total.units,
        placed_at=at, placed_by_id=by.user_id,
        due_at=at + timedelta(minutes=policy[UNPAID[any(map(is_goods, prices))]]),
        state=states.PENDING_APPROVAL if rule.needs_approval(total) else states.PENDING_PAYMENT, state_since=at,
    )  # fmt: skip
    lines = OrderLine.objects.bulk_create(
        OrderLine(order=order, number=line_number(order.number, index), product=price.sku.specification.product,
                  price_line=price, resource=resource, net_units=term.price.units, stored_terms=term.frozen(),
                  words=Words(*tokens_of(order, term)))
        for index, (price, term) in enumerate(zip(prices, terms, strict=True), start=1)
    )  # fmt: skip
    know_lines(order, lines)
    texts = sorted({term.eula for term in terms} | {term.refund_policy for term in terms})
    insert_rows(Consent, ("order_id", "text_id", "given_by_id", "given_at"),
                [(order.pk, text, by.user_id, at) for text in texts])  # fmt: skip
    record(order, "place_order", by=by, at=at, to=order.state,
           data={"type": type, "total": total.amount(), "currency": currency, "agreed_to": texts,
                 "pay_until": utc_text(order.due_at or at), "lines": [term.shared() for term in terms]})  # fmt: skip
    # Last of all: whoever buys for the same cost centre waits for this row until the order is committed.
    reserve_budget(order.buyer_id, cost_centre, total)
    return order


def know_lines(order: Order, lines: list[OrderLine]) -> None:
    """Let the new order's lines be at hand, as if they had been prefetched: whoever shows it need not read them."""
    known: Any = order.lines.all()
    known._result_cache = lines
    vars(order)["_prefetched_objects_cache"] = {"lines": known}
