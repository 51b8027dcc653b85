"""OpenGallery: a self-hosted cloud marketplace in which money follows accepted delivery."""

__version__ = "0.1.0"
