"""Contrast limits of grey views, of one channel after another where several are seen together.

Belongs here: the slider, and which channel it is for. The layers that get the limits are
``canvas.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget
from superqt import QDoubleRangeSlider

from napari_autolut.widgets.shared import range_text

Limits = tuple[float, float]


class ChannelContrast(NamedTuple):
    """A channel's name, its limits, and all that they may be."""

    name: str
    limits: Limits
    span: Limits


class ContrastRow(QWidget):
    """A slider for the limits of a channel, and a box to choose the channel where there are more.

    ``changed`` says that there are other limits.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._channels: list[ChannelContrast] = []
        self.name, self.slider, self.text = QLabel("C&ontrast"), QDoubleRangeSlider(), QLabel()
        self.channel = QComboBox()
        self.channel.setAccessibleName("Channel")
        self.channel.setToolTip("The channel whose contrast limits are moved")
        self.channel.hide()
        self.slider.setOrientation(Qt.Orientation.Horizontal)
        self.slider.setToolTip("Contrast limits of all grey views")
        self.slider.setAccessibleName("Contrast limits")
        self.name.setBuddy(self.slider)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.name)
        layout.addWidget(self.channel)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.text)
        self.slider.valueChanged.connect(self._on_slider)
        self.channel.currentIndexChanged.connect(self._show_channel)

    @property
    def limits(self) -> list[Limits]:
        """The limits of each channel; none of colours."""
        return [each.limits for each in self._channels]

    def offer(self, channels: Sequence[ChannelContrast]) -> None:
        """Show the limits of these channels; none, where views have colours."""
        self._channels = list(channels)
        for widget in (self.name, self.slider, self.text):
            widget.setVisible(bool(channels))
        with QSignalBlocker(self.channel):
            self.channel.clear()
            self.channel.addItems([each.name for each in channels])
        self.channel.setVisible(len(channels) > 1)
        self._show_channel()

    def _show_channel(self) -> None:
        if not self._channels:
            return
        _, limits, (low, high) = self._channels[max(0, self.channel.currentIndex())]
        with QSignalBlocker(self.slider):
            self.slider.setRange(low, high)
            self.slider.setSingleStep((high - low) / 256)
            self.slider.setValue(limits)
        self.text.setText(range_text(*limits))

    def _on_slider(self, limits: Limits) -> None:
        number = max(0, self.channel.currentIndex())
        self._channels[number] = self._channels[number]._replace(limits=limits)
        self.text.setText(range_text(*limits))
        self.changed.emit()
