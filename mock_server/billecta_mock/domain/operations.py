"""The operations of the contract, by their ids."""

from typing import Final

FETCH: Final = "fetchInvoicePdf"
CREATE: Final = "createSwishPayment"
READ: Final = "getSwishPayment"
EVERY: Final = (FETCH, CREATE, READ)
