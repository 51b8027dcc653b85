"""The installation's Ed25519 key: what it signs, anybody can check with the public half."""

from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from opengallery.kit.env import env


@cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(env.signing_key)


def sign(message: bytes) -> bytes:
    """Return the 64 bytes of the signature."""
    return _key().sign(message)


def public_key() -> bytes:
    """The 32 bytes of the public key."""
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Tell whether the holder of the key signed this message."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
