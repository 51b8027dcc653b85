"""The demonstration's shelf: one product of each kind, with its acceptance criteria, prices and templates."""

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from opengallery.kit.models import StoredFile
from opengallery.kit.money import Money
from opengallery.kit.uploads import kept, receive
from opengallery.market.catalog.actions import add_specification, draft_product, list_product
from opengallery.market.catalog.models import (
    CONSULTING,
    CONTENT,
    HARDWARE,
    IMAGE,
    LICENSE,
    PROFESSIONAL_SERVICE,
    SAAS,
    Product,
    Specification,
)
from opengallery.market.identity.models import Membership

USD = "USD"
MAY = "may: "  # begins a criterion that a delivery may leave out

EULA = """1. The seller grants the customer a non-exclusive right to use the software for the period and number of \
users stated in the order.
2. The right begins with the acceptance of the delivery, or with the actual enabling time that the delivery states.
3. The customer may make backup copies. Renting, reselling or publishing licence keys is not allowed.
4. The seller warrants that the software works as its documentation says. Faults are repaired or replaced.
5. Nothing in this agreement limits liability for intent or gross negligence."""

REFUND_POLICY = """Until the order is completed the customer and the seller can agree to undo the purchase, in whole \
or in part. After completion a licence is not refunded. A renewal that has not begun is refunded in full."""


@dataclass(frozen=True, slots=True)
class Item:
    """A product of the demonstration; `specifications` are (key in demo.json or "", name, {period: price}, stock)."""

    name: str
    category: str
    overview: str
    introduction: str
    days: int
    method: str = LICENSE
    seller: str = "seller"
    flow: str = ""
    supervised: bool = True
    criteria: tuple[str, ...] = ()
    request_template: tuple[str, tuple[str, ...]] | None = None
    delivery_template: tuple[str, tuple[str, ...]] | None = None
    url: str = ""
    specifications: tuple[tuple[str, str, dict[str, str], int | None], ...] = field(default=())


def sold(key: str, name: str, stock: int | None = None, **prices: str) -> tuple[str, str, dict[str, str], int | None]:
    """A specification with its prices, the one that demo.json names first."""
    return key, name, prices, stock


# key: product. The licences of the guide come last, so that they are the newest on the shelf; they have no criteria.
ITEMS = {
    "migration": Item(
        "Ledgerline Migration Service", "Professional services",
        "Your books move from the old system to Ledgerline, checked to the cent.",
        "Two consultants map your chart of accounts, move open items and three years of history, and prove that both "
        "systems show the same balances.\n\nTell us with the request which systems you come from, who decides on your "
        "side, and the month-end at which you want to change over.", 20, PROFESSIONAL_SERVICE,
        criteria=(
            "All open items of the agreed cut-off date are in the new system.",
            "Trial balances of the last 36 months agree to the cent in both systems.",
            "The mapping of accounts is documented and signed by both sides.",
            "Two key users have been trained for half a day each.",
            MAY + "A recording of the training is handed over.",
        ),
        request_template=("Migration request.docx", (
            "Migration request", "1. Systems and versions that you use today:", "2. Cut-off date:",
            "3. Companies and currencies:", "4. Who decides, who answers questions (name, telephone):",
            "5. Anything that must not stop:",
        )),
        delivery_template=("Acceptance record.docx", (
            "Acceptance record", "Product and specification, exactly as in the order:", "Trial balances compared on:",
            "Differences found and how they were settled:", "Trained persons:", "Signatures:",
        )),
        specifications=(
            sold("professional_service", "One company, up to 3 years", one_time="6500.00"),
            sold("", "Group of up to 10 companies", one_time="28000.00"),
        ),
    ),
    "cloudbooks": Item(
        "Ledgerline Cloud", "Business software",
        "Ledgerline as a service, set up with your chart of accounts and your approval rules.",
        "The same accounting, run by us in two data centres. We set up companies, users, roles and approval rules from "
        "your request, and hand over a system that is ready for the first posting.", 5, SAAS,
        criteria=(
            "All users of the request can log in with their own name.",
            "Companies, currencies and the chart of accounts are as in the request.",
            "The approval rules of the request were tried with one example each.",
            MAY + "Single sign-on with the customer's directory works.",
        ),
        request_template=("Set-up request.docx", (
            "Set-up request", "1. Companies, with country and currency:", "2. Users, with e-mail and role:",
            "3. Approval rules (amount, who approves):", "4. Address that you would like (….ledgerline.example):",
        )),
        specifications=(
            sold("saas_supervised", "Team, up to 10 users", year="1800.00", month="165.00"),
            sold("", "Company, up to 100 users", year="14400.00"),
        ),
    ),
    "watch": Item(
        "Harbor Watch", "Storage and backup",
        "Tells you within a minute when a backup fails. Ready to use at once.",
        "Harbor Watch listens to the reports of your backups and calls whoever is on duty. There is nothing to set up: "
        "log in and send us the first report.", 1, SAAS, supervised=False,
        specifications=(sold("saas_instant", "Up to 50 systems", month="40.00", year="420.00"),),
    ),
    "appliance": Item(
        "Harbor Vault Appliance", "Storage and backup",
        "A backup store for the server room: 48 TB, sealed, tested before it leaves us.",
        "Two power supplies, twelve disks, one cable. The Vault keeps the backups of a site out of reach of whoever "
        "breaks into its servers. It leaves us tested and sealed, with a report of the test.", 10, HARDWARE,
        criteria=(
            "The parcel and its seal are undamaged.",
            "The serial number is the one of the delivery note.",
            "The appliance starts and reports 48 TB.",
            MAY + "The rails for the rack are in the parcel.",
        ),
        specifications=(
            sold("hardware", "48 TB, 2 U", 25, one_time="3900.00"),
            sold("", "96 TB, 4 U", 3, one_time="7200.00"),
        ),
    ),
    "image": Item(
        "Hardened Linux Image", "Security",
        "A server image with the settings that auditors ask for, renewed every month.",
        "The image starts with no open port but one, encrypted disks and a log that cannot be switched off. Each month "
        "there is a new one with all corrections.", 1, IMAGE,
        specifications=(sold("image", "Per server", month="12.00", year="120.00"),),
    ),
    "library": Item(
        "Accounting Standards Library", "Knowledge",
        "Commented accounting standards in five languages, searchable, always current.",
        "More than 4,000 pages of standards with comments from practice. New editions appear on the day on which they "
        "come into force.", 1, CONTENT,
        specifications=(sold("content", "One office", year="600.00"),),
    ),
    "advice": Item(
        "Finance Process Consulting", "Professional services",
        "People who have closed books for twenty years look at how you do it.",
        "A conversation first, an offer afterwards. Consulting is agreed with the seller directly and is not ordered "
        "here.", 1, CONSULTING, url="https://www.northwind.example/consulting",
    ),
    "solver": Item(
        "Northwind Route Solver", "Engineering",
        "Plans the routes of a fleet in seconds. Activated by an authorization code.",
        "The solver runs on your servers. You collect a code here, enter it once, and the software activates itself.",
        2, flow="license_code",
        criteria=(
            "The code activates the number of vehicles that was ordered.",
            "The licence page of the software shows the end of the period that was ordered.",
            MAY + "The example plan of the manual was computed.",
        ),
        specifications=(sold("license_code", "Up to 50 vehicles", year="2200.00"),),
    ),
    "controller": Item(
        "Plan & Print Plotter Controller", "Engineering",
        "Drives plotters of all makes from one queue. Licensed to one machine.",
        "Tell us the identification code that the program shows when it starts, and you get a licence file for that "
        "machine.", 3, flow="license_idcode",
        criteria=(
            "The licence file was made for the identification code of the request.",
            "The program starts on that machine without a reminder.",
            MAY + "The old licence file was returned.",
        ),
        specifications=(sold("license_idcode", "One machine", one_time="480.00"),),
    ),
    "agent": Item(
        "Harbor Agent Package", "Storage and backup",
        "The backup agent as a package for your own software distribution.",
        "The package lies ready when the order is paid. Distribute it with your own tools, then confirm that it runs.",
        2, flow="license_package",
        criteria=(
            "The package installs without questions on the systems of its manual.",
            "An agent reports to the console within five minutes.",
            MAY + "The package is removed without a trace.",
        ),
        specifications=(sold("license_package", "Up to 500 agents", year="900.00"),),
    ),
    "ledgerline": Item(
        "Ledgerline Accounting", "Business software",
        "Double-entry accounting for groups of companies, with month-end close in a day.",
        "Ledgerline keeps the books of up to fifty companies in one place: consolidated statements, intercompany "
        "matching, approval by four eyes and an audit trail that nobody can edit. It runs on your own servers.\n\n"
        "The licence file and the installation package are delivered within two working days. Our team helps with the "
        "first start and hands over an acceptance document.", 2,
        specifications=(
            sold("license_yearly", "Standard, up to 25 users", year="1000.00"),
            sold("", "Enterprise, unlimited users", year="4800.00", month="450.00"),
        ),
    ),
    "harbor": Item(
        "Harbor Backup", "Storage and backup",
        "Backups that are tested every night, for servers, databases and mailboxes.",
        "Harbor Backup restores a sample of each backup every night and reports what it found. Deduplication keeps the "
        "store small; the licence covers any number of agents on one site.", 3,
        specifications=(
            sold("license_monthly", "One site", month="100.00"),
            sold("", "Unlimited sites", month="380.00", year="3900.00"),
        ),
    ),
    "sketch": Item(
        "Plan & Print CAD Viewer", "Engineering",
        "Open, measure and print drawings of all common formats. Bought once, used for ever.",
        "A light viewer for workshops and building sites: opens large drawings in seconds, measures, marks up and "
        "prints to scale. The licence is paid once and never expires.", 2,
        specifications=(
            sold("license_one_time", "Single seat", one_time="250.00"),
            sold("", "Workshop, 20 seats", one_time="3200.00"),
        ),
    ),
    "sentry": Item(
        "Halcyon Log Sentry", "Security",
        "Reads your logs and tells you the three things that matter today.",
        "Log Sentry learns what is normal in your systems and reports what is not, in plain words, once a day.", 5,
        seller="other_seller",
        specifications=(sold("other_license_yearly", "100 GB a day", year="2400.00"),),
    ),
}  # fmt: skip

# key in demo.json: (product, specification, unit, price); of several periods the first one that the table names.
SPECIFICATIONS = {
    key: (product, name, *next(iter(prices.items())))
    for product, item in ITEMS.items()
    for key, name, prices, _ in item.specifications
    if key
}
CONSULTING_KEY = "advice"


def fill_shelf(members: dict[str, Membership], at: datetime) -> tuple[dict[str, Product], dict[str, Specification]]:
    """The products with their specifications and prices."""
    products: dict[str, Product] = {}
    specifications: dict[str, Specification] = {}
    for key, item in ITEMS.items():
        products[key] = drafted(item, members[item.seller], at)
    for key, item in ITEMS.items():
        for name_in_demo, name, prices, stock in item.specifications:
            amounts = {unit: Money.of(price, USD) for unit, price in prices.items()}
            made = add_specification(products[key], name=name, prices=amounts, at=at, stock=stock)
            if name_in_demo:
                specifications[name_in_demo] = made
    for key, item in ITEMS.items():
        list_product(products[key], by=members[item.seller].actor(), at=at)
    return products, specifications


def drafted(item: Item, seller: Membership, at: datetime) -> Product:
    """A product with its templates."""
    traded = item.method != CONSULTING
    return draft_product(
        seller.organisation, name=item.name, category=item.category, overview=item.overview,
        introduction=item.introduction, eula=EULA if traded else "", refund_policy=REFUND_POLICY if traded else "",
        delivery_days=item.days, delivery_method=item.method, supervised=item.supervised, flow_template=item.flow,
        criteria=numbered(item.criteria), external_url=item.url,
        request_template=template(item.request_template, seller, at),
        delivery_template=template(item.delivery_template, seller, at), by=seller.actor(), at=at,
    )  # fmt: skip


def numbered(texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """Acceptance criteria as a product keeps them."""
    return [
        {"number": number, "text": text.removeprefix(MAY), "mandatory": not text.startswith(MAY)}
        for number, text in enumerate(texts, start=1)
    ]


def template(said: tuple[str, tuple[str, ...]] | None, seller: Membership, at: datetime) -> StoredFile | None:
    """A template as a stored Word file."""
    if said is None:
        return None
    name, paragraphs = said
    with kept([receive(name, [document(paragraphs)])], organisation_id=seller.organisation_id,
              uploaded_by_id=seller.user_id, at=at) as (file,):  # fmt: skip
        return file


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def document(paragraphs: tuple[str, ...]) -> bytes:
    """The smallest Word document that holds these paragraphs; the first is in bold."""
    body = "".join(
        f"<w:p><w:r>{'<w:rPr><w:b/></w:rPr>' if place == 0 else ''}<w:t>{escape(text)}</w:t></w:r></w:p>"
        for place, text in enumerate(paragraphs)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, HEAD + text)
    return packed.getvalue()
