"""What counts as text."""

import pytest

from opengallery.kit.texts import is_text


@pytest.mark.parametrize("text", ["", "plain", "两行\n文字", "emoji 🎉", "<script>", "\u200b"])
def test_text(text):
    assert is_text(text)


@pytest.mark.parametrize("text", ["nul\0", "\ud800", "a\udfffb"])
def test_no_text(text):
    assert not is_text(text)
