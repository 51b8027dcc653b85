"""The guides "Receiving goods" and "Shipping goods", word by word, with the carrier's own news of the parcel."""

import hashlib
import hmac
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from guide.steps import buy, follow, no_buttons, press, reads, stands

BEGINS = "2025-06-16 09:00"
PHONE = "+65 6123 4567"
NUMBER = "SW-1007"
ACCEPTANCE = "Waiting for the user to confirm acceptance"


def carrier_says(installation: Any, said: dict[str, str], *, secret: str = "") -> int:
    """A carrier's news, signed as its page in the Operations Console says; returns the HTTP status."""
    from opengallery.kit import clock
    from opengallery.project.world import CARRIERS

    body = json.dumps(said).encode()
    moment = str(int(clock.wall().timestamp()))
    key = (secret or CARRIERS["swiftline"][2]).encode()
    signature = hmac.new(key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{installation.url}/callbacks/carriers/swiftline/", method="POST", data=body,
        headers={"Content-Type": "application/json", "X-Gallery-Timestamp": moment, "X-Gallery-Signature": signature},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def modify_address(buyer: Any, order: str) -> None:
    """Buyer guide: "Receiving goods": the address can be corrected until the seller ships."""
    buyer.goto(f"/my/orders/{order}/")
    buyer.get_by_role("link", name="Modify address", exact=True).click()
    stands(buyer, "Modify address")
    buyer.get_by_label("Address", exact=True).fill("1 Harbour Drive, Singapore 117352")
    buyer.get_by_role("button", name="Modify address", exact=True).click()
    stands(buyer, order)
    reads(buyer, "1 Harbour Drive, Singapore 117352", "Delivery address changed")


def ship(seller: Any, order: str, note: Any) -> None:
    """Seller guide: "Shipping goods"."""
    follow(seller, "Seller Console", "Service Supervision", order, "Deliver Service")
    stands(seller, "Ship the goods")
    reads(seller, "1 Harbour Drive, Singapore 117352", PHONE)
    seller.get_by_label("Logistics company").select_option("Swiftline Express")
    seller.get_by_label("Express number").fill(NUMBER)
    seller.get_by_label("Remarks").fill("One parcel, 38 kg, sealed.")
    seller.get_by_label("Other proof", exact=True).set_input_files(note)
    proven = seller.get_by_role("group", name=f"Criteria that the files prove: {note.name}")
    proven.get_by_role("checkbox", name=re.compile(r"^2\. ")).check()
    for number, answer in ((1, "Packed and sealed on video."), (3, "Tested for 24 hours; report in the parcel.")):
        seller.get_by_role("textbox", name=re.compile(rf"^{number}\. ")).fill(answer)
    press(seller, "Deliver service")
    stands(seller, ACCEPTANCE)


@pytest.mark.spec("AT-46", "AT-48", "AT-51")
def test_goods_from_address_to_automatic_acceptance(
    installation: Any, person: Callable[[str], Any], paper: Callable[[str], Any]
) -> None:
    """Shipped 17 June 2025, signed for on 20 June 14:00, accepted by the system on 30 June 14:00, completed 17:00."""
    buyer, seller = person("buyer"), person("seller")
    order = buy(buyer, "Harbor Vault Appliance", "48 TB, 2 U",
                recipient="Lin Wei", phone=PHONE, address="8 Marina View, Singapore")  # fmt: skip
    modify_address(buyer, order)
    installation.clock("2025-06-17 10:00")
    ship(seller, order, paper("delivery-note.pdf"))

    buyer.reload()
    reads(buyer, "the address can no longer be changed.")
    no_buttons(buyer, "Modify address")
    buyer.goto(f"/my/orders/{order}/address/")
    reads(buyer, "The address can no longer be changed.")
    no_buttons(buyer, "Modify address")
    follow(buyer, "My Gallery", "Service Supervision", order, "View Details")
    stands(buyer, ACCEPTANCE)
    reads(buyer, "Swiftline Express", "One parcel, 38 kg, sealed.")
    parcel = buyer.get_by_role("link", name=NUMBER, exact=True)
    assert parcel.get_attribute("href") == f"https://track.swiftline.example/{NUMBER}"

    sign_for(installation, buyer)
    end(installation, buyer, order)


def sign_for(installation: Any, buyer: Any) -> None:
    """The carrier tells it, twice; what somebody else signs is refused."""
    news = {"number": NUMBER, "signed_at": "2025-06-20T14:00:00+08:00", "phone": PHONE}
    installation.clock("2025-06-20 15:30")
    assert carrier_says(installation, news, secret="what-nobody-agreed-upon") == 401
    assert carrier_says(installation, news) == 200
    assert carrier_says(installation, news) == 200
    buyer.reload()
    reads(buyer, "20 Jun 2025, 14:00")
    turn = buyer.get_by_role("region", name="Whose turn")
    turn.get_by_title("2025-06-30 14:00:00").wait_for()
    turn.get_by_text("the delivery is accepted automatically").wait_for()
    assert buyer.get_by_text("Parcel signed for").count() == 1


def end(installation: Any, buyer: Any, order: str) -> None:
    """Nobody acts: accepted by the system after ten days, completed three hours later, to the minute."""
    installation.clock("2025-06-30 13:59")
    buyer.reload()
    stands(buyer, ACCEPTANCE)
    installation.clock("2025-06-30 14:00")
    buyer.reload()
    stands(buyer, "Completed")
    accepted = buyer.get_by_role("listitem").filter(has_text="Delivery accepted")
    accepted.filter(has_text="30 Jun 2025, 14:00").filter(has_text="System").wait_for()
    installation.clock("2025-06-30 16:59")
    buyer.goto(f"/my/orders/{order}/")
    stands(buyer, "Processing")
    installation.clock("2025-06-30 17:00")
    buyer.reload()
    stands(buyer, "Completed")
    reads(buyer, "30 Jun 2025, 17:00")
