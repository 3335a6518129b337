import gc

from ops.until_stopped import run_until_stopped


def test_what_was_loaded_before_the_work_is_not_looked_through_for_cycles_while_it_goes_on():
    frozen = []

    async def work() -> None:
        frozen.append(gc.get_freeze_count())

    gc.unfreeze()  # what tests/conftest.py froze; at the end all is frozen again
    try:
        run_until_stopped(work())
    finally:  # at the end of a process it leaves its collector off
        gc.enable()
    assert frozen[0] > 1_000
