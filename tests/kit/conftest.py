"""The kit's tests count stored files, and those of the world's products would be among them."""

import pytest

from opengallery.kit.models import StoredFile
from opengallery.market.catalog.models import Product


@pytest.fixture(autouse=True)
def no_files_of_the_world(request: pytest.FixtureRequest) -> None:
    """The worker may have built the world before: its products come without their templates here."""
    mark = request.node.get_closest_marker("django_db")
    if mark is None and "db" not in request.fixturenames:
        return
    request.getfixturevalue("transactional_db" if mark and mark.kwargs.get("transaction") else "db")
    Product.objects.update(request_template=None, delivery_template=None)
    StoredFile.objects.all().delete()
