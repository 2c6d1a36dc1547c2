"""The chart of a training, whatever is known of it."""

from napari_autolut.training.record import TrainingRecord
from napari_autolut.widgets.train.chart import TrainChart
from tests.widgets.train_dock import start


def test_the_chart_is_drawn_whatever_is_known(dock, images, qtbot):
    chart = dock.running.chart
    chart.resize(300, 220)
    empty = chart.grab().toImage()
    start(qtbot, dock, images)
    chart.show_record(dock.session.training.record)
    assert chart.grab().toImage() != empty
    qtbot.waitUntil(lambda: dock.session.training.record.best == 31.0)


def test_the_network_that_teaches_has_its_curve(qtbot):
    chart = TrainChart()
    qtbot.addWidget(chart)
    chart.resize(300, 220)
    record = TrainingRecord(bicubic=26.8, psnr=[(30, 28.0, True)], step=30)
    chart.show_record(record)
    alone = chart.grab().toImage()
    record.network = [(10, 27.5), (20, 28.0)]
    chart.show_record(record)
    assert chart.grab().toImage() != alone


def test_the_chart_of_a_training_that_has_just_begun_counts_one_step(qtbot, monkeypatch):
    written = []
    monkeypatch.setattr(TrainChart, "_write", lambda *arguments: written.append(arguments[-1]))
    chart = TrainChart()
    qtbot.addWidget(chart)
    chart.show_record(TrainingRecord(step=1))
    chart.grab()
    assert written == ["1 step"]
