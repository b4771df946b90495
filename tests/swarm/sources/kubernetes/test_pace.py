"""Seats are handed out in order, halved under pressure, and never lost."""

import asyncio
import random

from swarm.sources.kubernetes.pace import PAGE, SEATS, SMALLEST_PAGE, Pace


async def test_seats_are_handed_out_in_the_order_of_asking() -> None:
    pace, order = Pace(seats=1), []

    async def page(number: int) -> None:
        async with pace.seat():
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(page(number) for number in range(20)))
    assert order == list(range(20))


async def test_no_seat_is_lost_when_readers_are_cancelled() -> None:
    draw, pace = random.Random(7), Pace()

    async def page() -> None:
        async with pace.seat():
            await asyncio.sleep(draw.random() / 500)

    for _ in range(30):
        tasks = [asyncio.create_task(page()) for _ in range(12)]
        await asyncio.sleep(draw.random() / 300)
        for task in draw.sample(tasks, 6):
            task.cancel()
        async with asyncio.timeout(2):
            await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(1):
        await asyncio.gather(*(page() for _ in range(SEATS * 3)))


def test_pressure_halves_and_good_pages_give_back() -> None:
    pace = Pace()
    for _ in range(10):
        pace.pushed_back()
    assert (pace.seats, pace.page) == (1, SMALLEST_PAGE)
    for _ in range(200):
        pace.went_well()
    assert (pace.seats, pace.page) == (SEATS, PAGE)
