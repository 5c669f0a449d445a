from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests.workflows.store.catalog_suite import CatalogSuite
from tests.workflows.store.ledger_suite import LedgerSuite
from workflows.catalog import DjangoCatalog
from workflows.models import CatalogCost
from workflows.ports import Catalog


@pytest.mark.django_db(transaction=True)  # other threads see what is committed alone
class TestDjangoCatalog(CatalogSuite, LedgerSuite):
    @pytest.fixture
    def catalog(self) -> Catalog:
        return DjangoCatalog()

    def test_no_measurement_is_lost_where_threads_write_at_once(self, catalog: Catalog) -> None:
        self.test_threads_may_write_at_once(catalog)
        assert CatalogCost.objects.get(operator="Map").n == 40.0

    def test_a_thread_that_ends_leaves_no_connection_open(self, catalog: Catalog) -> None:
        left: list[object] = []

        def work() -> None:
            catalog.operator_costs()
            catalog.release()
            left.append(connection.connection)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert left == [None]
