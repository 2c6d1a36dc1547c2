"""The table of figures as a user sees it. Belongs here: what tests of it share."""


def choose_truth(dock, layer):
    row = dock.truth.findText(layer.name)
    dock.truth.setCurrentIndex(row)
    dock.truth.activated.emit(row)


def rows(window):
    table = window.metrics
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def settled(window):
    return all("…" not in row for row in rows(window))
