"""What tests of both kinds of stars share: an image, and that a cascade turns with it."""

import torch


def plane(height=16, width=16):
    return 255 * torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(1))


def assert_rotates_with_the_image(cascade, turns, atol):
    image = plane()
    with torch.no_grad():
        there = cascade(torch.rot90(image, turns, (2, 3)))
        torch.testing.assert_close(
            torch.rot90(there, -turns, (2, 3)), cascade(image), rtol=0, atol=atol
        )


def assert_refining_keeps(cascade, atol):
    image = plane()
    with torch.no_grad():
        before = cascade(image)
        cascade.refine(5)
        torch.testing.assert_close(cascade(image), before, rtol=0, atol=atol)
