from __future__ import annotations

import pytest

from tests.workflows.store.catalog_suite import CatalogSuite
from workflows.catalog import DjangoCatalog
from workflows.ports import Catalog


@pytest.mark.django_db(transaction=True)  # other threads see what is committed alone
class TestDjangoCatalog(CatalogSuite):
    @pytest.fixture
    def catalog(self) -> Catalog:
        return DjangoCatalog()
