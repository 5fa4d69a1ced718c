"""The library of documents: drawn once, off the loop, kept within a bound, never out of date."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from billecta_mock.domain.invoices import Invoice
from billecta_mock.pdf.invoice import render_invoice
from billecta_mock.pdf.library import DocumentLibrary, filename
from billecta_mock.store.seed import default_seed

INVOICES = default_seed().invoices
FIRST, SECOND, THIRD = INVOICES[:3]
AMPLE = 10_000_000


@pytest.fixture
def library() -> Iterator[DocumentLibrary]:
    library = DocumentLibrary(AMPLE)
    yield library
    library.close()


def documents(library: DocumentLibrary, *invoices: Invoice) -> list[bytes]:
    async def ask() -> list[bytes]:
        return [await library.document(invoice) for invoice in invoices]

    return asyncio.run(ask())


def test_it_hands_out_the_document_of_the_invoice(library: DocumentLibrary) -> None:
    assert documents(library, FIRST) == [render_invoice(FIRST)]


def test_a_document_is_drawn_once_and_then_kept(library: DocumentLibrary) -> None:
    once, again = documents(library, FIRST, FIRST)
    assert once is again


def test_those_who_ask_at_the_same_time_get_one_and_the_same_drawing(library: DocumentLibrary) -> None:
    async def ask_together() -> list[bytes]:
        return await asyncio.gather(*(library.document(FIRST) for _ in range(20)))

    assert len({id(document) for document in asyncio.run(ask_together())}) == 1


def test_it_serves_several_event_loops_one_after_the_other(library: DocumentLibrary) -> None:
    assert documents(library, FIRST)[0] is documents(library, FIRST)[0]


def test_an_equal_invoice_of_another_world_shares_the_document(library: DocumentLibrary) -> None:
    once, again = documents(library, FIRST, replace(FIRST))
    assert once is again


def test_a_changed_invoice_never_gets_the_old_document(library: DocumentLibrary) -> None:
    dearer = replace(FIRST, lines=(replace(FIRST.lines[0], unit_price=1), *FIRST.lines[1:]))
    assert documents(library, FIRST, dearer) == [render_invoice(FIRST), render_invoice(dearer)]


def test_one_who_gives_up_waiting_does_not_take_the_document_from_the_others(library: DocumentLibrary) -> None:
    async def one_gives_up() -> bytes:
        impatient, patient = (asyncio.create_task(library.document(FIRST)) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert asyncio.run(one_gives_up()) == render_invoice(FIRST)


def test_the_event_loop_runs_on_while_a_document_is_drawn(library: DocumentLibrary) -> None:
    async def turns_meanwhile() -> int:
        drawing = asyncio.create_task(library.document(FIRST))
        turns = 0
        while not drawing.done():
            await asyncio.sleep(0.001)
            turns += 1
        return turns

    assert asyncio.run(turns_meanwhile()) > 3


def test_the_document_asked_for_longest_ago_goes_first() -> None:
    room_for_two = sum(len(render_invoice(invoice)) for invoice in (FIRST, SECOND, THIRD)) - 1
    library = DocumentLibrary(room_for_two)
    first, second, first_again, _ = documents(library, FIRST, SECOND, FIRST, THIRD)
    assert first_again is first
    kept_first, redrawn_second = documents(library, FIRST, SECOND)
    assert kept_first is first
    assert redrawn_second is not second
    assert redrawn_second == second
    library.close()


@pytest.mark.parametrize("max_bytes", [0, 100])
def test_a_document_that_is_larger_than_the_bound_is_served_but_not_kept(max_bytes: int) -> None:
    library = DocumentLibrary(max_bytes)
    once, again = documents(library, FIRST, FIRST)
    assert once == again
    assert once is not again
    library.close()


def test_a_failure_reaches_everyone_who_waits_and_the_next_one_tries_anew(library: DocumentLibrary) -> None:
    impossible = replace(FIRST, lines=(replace(FIRST.lines[0], description=None),))  # type: ignore[arg-type]

    async def ask_together() -> list[bytes | BaseException]:
        return await asyncio.gather(*(library.document(impossible) for _ in range(2)), return_exceptions=True)

    assert [type(outcome) for outcome in asyncio.run(ask_together())] == [TypeError, TypeError]
    with pytest.raises(TypeError):
        documents(library, impossible)


def test_a_kept_document_is_handed_out_within_microseconds(library: DocumentLibrary) -> None:
    large = max(INVOICES, key=lambda invoice: len(invoice.lines))

    async def seconds_per_hit() -> float:
        await library.document(large)
        begun = time.perf_counter()
        for _ in range(10_000):
            await library.document(large)
        return (time.perf_counter() - begun) / 10_000

    assert min(asyncio.run(seconds_per_hit()) for _ in range(3)) < 20e-6


@pytest.mark.parametrize(("number", "name"), [("1001", "faktura-1001.pdf"), ("K-2026-14", "faktura-K-2026-14.pdf")])
def test_a_file_is_named_after_the_invoice(number: str, name: str) -> None:
    assert filename(replace(FIRST, number=number)) == name


@pytest.mark.parametrize("number", ['1"; x=1', "1\r\nX: y", "../1", "å1ä"])
def test_a_file_name_has_nothing_in_it_that_a_header_or_a_folder_could_mistake(number: str) -> None:
    assert set(filename(replace(FIRST, number=number))) <= set("faktur-.pdfXxy1")
