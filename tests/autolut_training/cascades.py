"""What tests of cascades share: an image, and what a cascade promises of it."""

import torch


def plane(height=16, width=16):
    return 255 * torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(1))


def assert_rotates_with_the_image(cascade, rotation, atol):
    image = plane()
    with torch.no_grad():
        there = cascade(torch.rot90(image, rotation, (2, 3)))
        torch.testing.assert_close(
            torch.rot90(there, -rotation, (2, 3)), cascade(image), rtol=0, atol=atol
        )


def assert_refining_keeps(cascade, atol):
    image = plane()
    with torch.no_grad():
        before = cascade(image)
        cascade.refine(5)
        torch.testing.assert_close(cascade(image), before, rtol=0, atol=atol)
