"""Log in, log out, sign up, forgotten passwords; and the pages that say why something cannot be shown."""

import re
from html import unescape

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings
from django.views.defaults import bad_request, permission_denied, server_error
from people import SCRIPT, browser, stands

from opengallery.market.identity.models import Membership, Organisation, User

PASSWORD = "Open-Gallery-2020"
MAILBOX = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")


@pytest.fixture(autouse=True)
def fresh(world, at):
    """No tries remembered from another test."""
    cache.clear()
    stands(at("2020-01-01 09:00"))


def text_of(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def log_in(client, email="buyer@meridian.example", password=PASSWORD, **more):
    return client.post("/account/login/", {"login": email, "password": password, **more})


def test_logging_in_and_out(world):
    client = Client()
    page = client.get("/account/login/?next=/my/orders/")
    for words in ("Email", "Password", "Log In"):
        assert words in text_of(page)
    assert log_in(client, next="/my/orders/").url == "/my/orders/"
    assert "Lin Wei" in text_of(client.get("/my/orders/"))
    assert client.post("/account/logout/").url == "/"
    assert client.get("/my/orders/").status_code == 302


def test_the_address_may_be_written_in_capitals(world):
    assert log_in(Client(), email="Buyer@Meridian.Example").status_code == 302


def test_nobody_is_led_to_another_site(world):
    assert log_in(Client(), next="https://elsewhere.example/").url == "/"


def test_passwords_are_kept_as_argon2_hashes(world):
    assert all(user.password.startswith("argon2$argon2id$") for user in User.objects.all())


@pytest.mark.parametrize(
    ("email", "password"),
    [("buyer@meridian.example", "wrong"), ("no@x.example", PASSWORD), ("", ""), (SCRIPT, "x"), ("a@x.example", "\0")],
)
def test_a_wrong_log_in_is_told_and_what_was_typed_stays(world, email, password):
    client = Client()
    answer = log_in(client, email=email, password=password)
    assert "Please correct this" in text_of(answer)
    assert SCRIPT.encode() not in answer.content
    assert unescape(f'value="{email}"') in unescape(answer.content.decode()) or not email
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_even_the_right_one_must_wait(world):
    client = Client()
    for _ in range(5):
        assert "Please correct this" in text_of(log_in(client, password="wrong"))
    blocked = log_in(client)
    assert "Too many failed login attempts" in text_of(blocked)
    assert "_auth_user_id" not in client.session
    assert log_in(Client(), email="seller@northwind.example").status_code == 302


def test_too_many_tries_from_one_place_get_a_page_of_ours(world):
    client = Client()
    for number in range(31):
        answer = client.post("/account/login/", {"login": f"x{number}@x.example", "password": "x"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert "Wait five minutes" in text_of(answer)


def test_signing_up_founds_an_organisation(world):
    client = Client()
    page = text_of(client.get("/account/signup/"))
    for words in ("Email", "Password", "Full name", "Company", "Sign Up"):
        assert words in page
    done = client.post(
        "/account/signup/",
        {
            "email": "mia@tern.example",
            "password1": "seven-grey-herons",
            "full_name": "Mia Sund",
            "organisation": "Tern AB",
        },
    )
    assert done.status_code == 302
    member = Membership.objects.get(user__email="mia@tern.example")
    assert (member.organisation.name, member.role, member.user.full_name) == ("Tern AB", "owner", "Mia Sund")
    assert member.user.password.startswith("argon2$")
    assert "Nothing needs you now" in text_of(client.get("/my/"))


@pytest.mark.parametrize(
    "wrong",
    [{"email": "no address"}, {"password1": "short"}, {"password1": "password123"}, {"organisation": ""},
     {"organisation": "x" * 121}, {"full_name": ""}, {"organisation": SCRIPT, "email": ""}],
)  # fmt: skip
def test_a_wrong_sign_up_creates_nothing(world, wrong):
    people, companies = User.objects.count(), Organisation.objects.count()
    sent = {
        "email": "mia@tern.example",
        "password1": "seven-grey-herons",
        "full_name": "Mia",
        "organisation": "Tern AB",
    }
    answer = Client().post("/account/signup/", sent | wrong)
    assert "Please correct this" in text_of(answer)
    assert SCRIPT.encode() not in answer.content
    assert (User.objects.count(), Organisation.objects.count()) == (people, companies)


@MAILBOX
def test_a_forgotten_password_is_replaced(world):
    client = Client()
    asked = client.post("/account/password/reset/", {"email": "buyer@meridian.example"})
    assert "Look into your mailbox" in text_of(client.get(asked.url))
    [letter] = mail.outbox
    assert "Choose a new password" in letter.subject
    [link] = re.findall(r"https?://[^/]+(/account/password/reset/key/\S+)", letter.body)
    form = client.get(link, follow=True)
    assert "Choose a new password" in text_of(form)
    address = form.redirect_chain[-1][0]
    new = {"password1": "seven-grey-herons", "password2": "seven-grey-herons"}
    assert client.post(address, new).status_code == 302
    assert log_in(Client(), password="seven-grey-herons").status_code == 302
    assert "This link is used up" in text_of(Client().get(link, follow=True))


@MAILBOX
def test_asking_for_a_password_tells_nobody_who_has_an_account(world):
    client = Client()
    known = client.post("/account/password/reset/", {"email": "buyer@meridian.example"}, follow=True)
    unknown = client.post("/account/password/reset/", {"email": "nobody@x.example"}, follow=True)
    assert text_of(known) == text_of(unknown)
    assert "There is no account with this address" in mail.outbox[1].subject


@MAILBOX
def test_outside_of_a_sandbox_the_address_is_confirmed_first(world):
    with override_settings(ACCOUNT_EMAIL_VERIFICATION="mandatory"):
        client = Client()
        sent = {
            "email": "mia@tern.example",
            "password1": "seven-grey-herons",
            "full_name": "Mia",
            "organisation": "Tern",
        }
        assert "Confirm your e-mail address" in text_of(client.post("/account/signup/", sent, follow=True))
        assert client.get("/my/").status_code == 302
        [letter] = mail.outbox
        [link] = re.findall(r"https?://[^/]+(/account/confirm-email/\S+/)", letter.body)
        assert "Is mia@tern.example your address?" in text_of(client.get(link))
        assert client.post(link).status_code == 302
        assert log_in(Client(), "mia@tern.example", "seven-grey-herons").status_code == 302
        assert "used" in text_of(Client().get("/account/confirm-email/nothing/"))


def test_the_pages_of_an_account(world):
    client = Client()
    log_in(client)
    for path, words in (("email/", "Your e-mail addresses"), ("password/change/", "Change your password"),
                        ("logout/", "Log out on this device?"), ("inactive/", "This account is closed"),
                        ("password/reset/", "Get a new password"), ("confirm-email/", "Confirm your e-mail address"),
                        ("password/reset/key/done/", "Your password is changed")):  # fmt: skip
        answer = client.get(f"/account/{path}")
        assert (answer.status_code, words in text_of(answer)) == (200, True), path
    changed = client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "seven-grey-herons", "password2": "seven-grey-herons"},
    )
    assert changed.status_code == 302
    assert log_in(Client(), password="seven-grey-herons").status_code == 302


# ---- Refusals as pages


def test_not_found_says_what_to_do(world):
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert "The address may be mistyped" in text_of(answer)
    assert "You are acting for Meridian Logistics." in text_of(browser(world, "buyer").get("/nothing/here/"))


def test_a_form_from_elsewhere_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/login/", {"login": "x", "password": "x"})
    assert answer.status_code == 403
    assert "This form is too old to be sent" in text_of(answer)


def test_faults_and_broken_requests_have_pages_that_need_nothing(world):
    request = RequestFactory().get("/")
    assert "A fault of ours" in text_of(server_error(request))
    assert "This did not arrive in whole" in text_of(bad_request(request, ValueError()))
    assert "This is not allowed" in text_of(permission_denied(request, ValueError()))
