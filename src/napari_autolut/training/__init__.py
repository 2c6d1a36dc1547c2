"""What docks and shell need of a training, without torch.

Lives here: what is asked of a trainer, its process, events and runs on disk. Not here: the trainer
itself, which is the package ``autolut_training``.
"""
