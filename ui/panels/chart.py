"""The chart, and what scripts write around it."""

from typing import Any

from dash import dcc, html

from ui import ids
from ui.figures.plotly_json import Figure
from ui.theme import DARK

# No "share" button: Plotly's would upload the chart (PROTOCOLS C5).
_CONFIG: Any = {
    "displaylogo": False,
    "scrollZoom": True,
    "responsive": True,
    "doubleClick": False,  # `chart.js` returns to the newest bars instead
    "modeBarButtons": [["zoom2d", "pan2d", "toImage"]],
    "plotlyServerURL": "",
}


def chart_panel() -> html.Main:
    """Return the empty chart: a skeleton until the first figure."""
    return html.Main(
        [
            dcc.Graph(id=ids.CHART, figure=_blank(), config=_CONFIG, className="graph"),
            html.Div(id=ids.MARKET_LABEL + "-watermark", className="watermark", hidden=True),
            html.Div(id=ids.READOUT, className="readout"),
            html.Div(id=ids.STALE_WORDS, className="stale-words"),
            html.Button("Latest ▸", id=ids.LATEST, className="latest", hidden=True),
            html.Div(
                [
                    html.Div(className="skeleton"),
                    html.P("Asking the server for candles", id=f"{ids.CHART_NOTE}-text"),
                    html.P(id=f"{ids.CHART_NOTE}-detail", className="muted"),
                ],
                id=ids.CHART_NOTE,
                className="chart-note",
            ),
        ],
        id=ids.CHART_BOX,
        className="chart",
    )


def _blank() -> Figure:
    hidden = {"visible": False}
    return {
        "data": [],
        "layout": {
            "paper_bgcolor": DARK.panel,
            "plot_bgcolor": DARK.panel,
            "xaxis": hidden,
            "yaxis": hidden,
        },
    }
