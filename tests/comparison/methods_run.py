"""Methods run to their end."""


def finished(steps):
    """Take all steps; what they said, and their result."""
    said = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return said, end.value
