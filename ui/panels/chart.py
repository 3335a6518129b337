"""The chart, and what scripts write around it."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from ui import ids
from ui.figures.plotly_json import Figure

# No "share" button: Plotly's would upload the chart (PROTOCOLS C5).
_CONFIG: Any = {
    "displaylogo": False,
    "scrollZoom": True,
    "responsive": True,
    "doubleClick": False,  # `chart.js` returns to the newest bars instead
    "modeBarButtons": [["zoom2d", "pan2d"]],  # `chart_export.js` saves more than Plotly draws
    "plotlyServerURL": "",
}


def chart_panel(over: Sequence[Any] = ()) -> html.Main:
    """
    Return the empty chart: a skeleton until the first figure.

    Args:
        over: What features put over it.
    """
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
            *over,
        ],
        id=ids.CHART_BOX,
        className="chart",
    )


def _blank() -> Figure:
    hidden = {"visible": False}
    return {
        "data": [],
        "layout": {  # clear, so that the page's own ground shows in any theme
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": hidden,
            "yaxis": hidden,
        },
    }
