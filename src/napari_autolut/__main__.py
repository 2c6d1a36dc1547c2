"""``python -m napari_autolut`` is the shell command."""

from napari_autolut.cli import main

if __name__ == "__main__":
    main()
