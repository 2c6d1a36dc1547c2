"""The network that tables learn from: its answers, and the targets that come of them."""

import numpy as np
import pytest
import torch

from autolut_training.data.distilled_pairs import PseudoLabels
from autolut_training.data.parts import Pair
from autolut_training.models.label_network import MARGIN, TILE_SIDE, LabelNetwork
from napari_autolut.training.degradation import Degradation


def network(scale=2, **arguments):
    return LabelNetwork(scale, 4, 2, **arguments)


def pair(dtype=np.uint8, shape=(3, 32, 40), scale=4):
    hr = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    return Pair("picture", hr, Degradation().downscale(hr, scale))


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_what_it_gives_first_is_smooth_interpolation(scale):
    model = network(scale)
    with torch.no_grad():
        model.tail.weight.zero_()
        plane = torch.linspace(0, 255, 20).repeat(12, 1)[None, None]
        answer = model(plane)
    assert answer.shape == (1, 1, 12 * scale, 20 * scale)
    middle = answer[0, 0, :, 4 * scale : -4 * scale]
    assert (middle.diff(dim=1) > 0).all()
    assert abs(float(middle.mean()) - float(plane[..., 4:-4].mean())) < 0.01


def test_tiles_give_what_the_whole_plane_gives():
    model = network()
    plane = np.random.default_rng(0).uniform(0, 255, (TILE_SIDE + 9, 40)).astype(np.float32)
    # Five layers of 3 x 3 see five pixels around each, bicubic interpolation two.
    assert MARGIN > 5
    with torch.no_grad():
        whole = model(torch.from_numpy(plane)[None, None])[0, 0].clamp(0, 255)
    np.testing.assert_allclose(model.answer(plane), whole.numpy(), atol=1e-3)


def test_the_same_seed_gives_the_same_network_and_leaves_other_random_numbers_alone():
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first, second, other = network(seed=1), network(seed=1), network(seed=2)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(first.head.weight, second.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_bfloat16_is_near():
    plane = np.random.default_rng(0).uniform(0, 255, (20, 24)).astype(np.float32)
    exact, reduced = network(), network(reduced=True)
    np.testing.assert_allclose(reduced.answer(plane), exact.answer(plane), atol=1.0)
    assert not np.array_equal(reduced.answer(plane), exact.answer(plane))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_targets_are_mixed_of_answer_and_image(dtype):
    model, one = network(4), pair(dtype)
    [made] = PseudoLabels(model.answer, 0.75).pairs([one])
    assert made.lr is one.lr and np.asarray(made.hr).dtype == dtype
    for number, (lr, hr) in enumerate(zip(one.lr, one.hr, strict=True)):
        expected = 0.25 * hr + 0.75 * all_ways(model, lr)
        atol = 0.51 if dtype == np.uint8 else 1e-3
        np.testing.assert_allclose(made.hr[number], expected, atol=atol)
        part = made.hr[np.int64(number), 3:9, 4:7]
        np.testing.assert_array_equal(part, np.asarray(made.hr)[number, 3:9, 4:7])


def all_ways(model, lr):
    plane = lr.astype(np.float32)
    mirrored = model.answer(plane[:, ::-1])[:, ::-1]
    transposed = model.answer(plane.T).T
    both = model.answer(plane.T[:, ::-1])[:, ::-1].T
    return (model.answer(plane) + mirrored + transposed + both) / 4


def test_larger_images_have_the_answer_alone():
    model, one = network(4), pair(np.uint8, (1, 32, 44))
    made = list(PseudoLabels(model.answer, 0.5).extra_downscales([one], (2, 3), 4, Degradation()))
    assert [each.lr.shape for each in made] == [(1, 16, 22), (1, 10, 14)]
    half = made[0]
    np.testing.assert_array_equal(half.lr, Degradation().downscale(one.hr, 2))
    np.testing.assert_allclose(half.hr[0], all_ways(model, half.lr[0]), atol=0.51)


def test_larger_images_are_as_blurred_as_lr_is():
    blurred = Degradation("gaussian", sigma=2.0)
    one = pair(np.float32, (1, 64, 64))
    [made] = PseudoLabels(network(4).answer, 0.5).extra_downscales([one], (2,), 4, blurred)
    expected = Degradation("gaussian", sigma=1.0).downscale(one.hr, 2)
    np.testing.assert_array_equal(made.lr, expected)


def test_a_teacher_is_asked_once_about_a_plane_that_is_read():
    asked = []

    def network(planes):
        asked.append(len(planes))
        count, height, width = planes.shape
        return np.zeros((count, 4 * height, 4 * width), np.float32)

    [made] = PseudoLabels(network, 0.5).pairs([pair()])
    assert not asked
    for _ in range(3):
        made.hr[1, :4, :4]
    assert asked == [2, 2], "as it is and mirrored, and both transposed"
    for _ in range(2):
        np.asarray(made.hr)
    assert asked[2:] == [2 * (len(made.lr) - 1)] * 2, "all others together"
