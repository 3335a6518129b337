/**
 * Candles that are settled, and their volume, drawn by us into Plotly's panes.
 *
 * Plotly makes a node of each candle and of each bar of volume and styles them one by one: two
 * thirds of the time of a redraw. Four paths are all they need. Plotly keeps the axes and all
 * else; traces that draw nothing keep it both panes.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const [PRICE, AMOUNT] = ["y", "y2"];

  const isCandles = ({ type, yaxis }) => type === "candlestick" && (yaxis ?? PRICE) === PRICE;
  const isVolume = ({ type, yaxis }) => type === "bar" && yaxis === AMOUNT;

  const unseen = ({ x }, y, yaxis) => ({ type: "scatter", mode: "none", x, y, yaxis, hoverinfo: "skip" });

  /** The traces of a figure as Plotly is given them: what is drawn here it does not draw. */
  function given(data) {
    const candles = data.find(isCandles);
    const volume = data.find(isVolume);
    if (!candles?.x.length || !volume) {
      return data;
    }
    const hidden = data.map((trace) => (trace === candles || trace === volume ? { ...trace, visible: false } : trace));
    return [...hidden, unseen(candles, candles.close, PRICE), unseen(volume, volume.y, AMOUNT)];
  }

  /** Rows as `candle_layer.paths` takes them. */
  function rows(data) {
    const candles = data.find(isCandles);
    const volume = data.find(isVolume);
    return candles && volume
      ? candles.x.map((ms, i) => [ms, candles.open[i], candles.high[i], candles.low[i], candles.close[i], volume.y[i]])
      : [];
  }

  /** Which candle a moment belongs to; -1 for none. */
  const at = (candles, ms, intervalMs) => candles?.x.findIndex((time) => Math.abs(time - ms) <= intervalMs / 2) ?? -1;

  /** Our group below all else of a pane; made again whenever Plotly threw it away. */
  function paths(pane, name, classes) {
    const found = pane.querySelector(`:scope > .${name}`);
    if (found) {
      return [...found.children];
    }
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", name);
    for (const className of classes) {
      group.appendChild(document.createElementNS(SVG, "path")).setAttribute("class", className);
    }
    pane.prepend(group);
    return [...group.children];
  }

  /**
   * Draw the settled candles on a plot that Plotly has laid out.
   *
   * @param {HTMLElement} gd - Plotly's element.
   * @param {Object[]} data - Traces of the figure.
   * @param {number} intervalMs - Length of a bar.
   */
  function draw(gd, data, intervalMs) {
    const { xaxis, yaxis, yaxis2 } = gd._fullLayout;
    const price = gd.querySelector(".subplot.xy > .overplot > .xy");
    const amount = gd.querySelector(".subplot.xy2 > .overplot > .xy2");
    if (!price || !amount || !yaxis2) {
      return;
    }
    const drawn = own.candle_layer.paths(rows(data), intervalMs, {
      x: (ms) => xaxis.c2p(ms),
      y: (value) => yaxis.c2p(value),
      volume: (value) => yaxis2.c2p(value),
    });
    const [up, down] = paths(price, "settled-candles", ["settled-up", "settled-down"]);
    const [more, less] = paths(amount, "settled-volume", ["settled-volume-up", "settled-volume-down"]);
    up.setAttribute("d", drawn.up);
    down.setAttribute("d", drawn.down);
    more.setAttribute("d", drawn.volumeUp);
    less.setAttribute("d", drawn.volumeDown);
  }

  own.settled_layer = { given, rows, at, draw };
})();
