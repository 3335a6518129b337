import pytest

from core.trading.costs import Costs


def test_without_a_makers_fee_the_target_is_charged_the_takers():
    assert Costs(0.0005, 0.0001).target_fee == 0.0005
    assert Costs(0.0005, 0.0001, maker_fee=0.0).target_fee == 0.0


@pytest.mark.parametrize("maker_fee", [-0.1, 1.0, float("nan")])
def test_a_makers_fee_that_is_no_fraction_is_refused(maker_fee):
    with pytest.raises(ValueError, match="maker_fee"):
        Costs(0.0005, 0.0001, maker_fee)
