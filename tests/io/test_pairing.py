"""Files of two folders that belong together."""

import pytest

from napari_autolut.io import match_pairs


@pytest.mark.parametrize(
    ("sharp", "small"),
    [
        ("baby.png", "baby.tif"),
        ("baby.png", "babyx4.png"),
        ("baby.png", "baby_LR.png"),
        ("baby_HR.png", "baby_LR_x4.png"),
        ("HR_001.tif", "lr_001.tif"),
        ("deep/a.png", "deep/a-x2.png"),
        ("img_x4.png", "img_x4.png"),
        ("cell.low.tif", "cell.low.tif"),
        ("lr.png", "lrx2.png"),
    ],
)
def test_belong_together(sharp, small):
    assert match_pairs([sharp], [small]) == ({sharp: small}, {})


def test_equal_names_go_before_alike_ones():
    found, alone = match_pairs(["a.png", "ax2.png"], ["a.png", "ax2.png"])
    assert found == {"a.png": "a.png", "ax2.png": "ax2.png"} and not alone


def test_others_are_listed_with_the_reason():
    found, alone = match_pairs(
        ["a.png", "b.png", "deep/c.png"], ["a.png", "bx2.png", "b_lr.png", "c.png"]
    )
    assert found == {"a.png": "a.png"}
    assert alone == {
        "b.png": "no unique pair: names are alike",
        "b_lr.png": "no unique pair: names are alike",
        "bx2.png": "no unique pair: names are alike",
        "deep/c.png": "no pair",
        "c.png": "no pair",
    }
