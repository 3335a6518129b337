/**
 * The part of the chart that moves: running candle, its volume, the price line and its label.
 *
 * Plotly draws what is settled; a redraw of it costs thirty times what this layer costs. The
 * layer owns a few SVG nodes inside Plotly's plot and places them with Plotly's axes.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const HALF_BAR = 0.375; // half of 1 - CANDLE_GAP in ui/figures/price_chart.py
  const LABEL_HEIGHT = 18;
  const KEPT = 20; // bars that closed while their figure waits (`draw_pace.js`); more never do
  const [TIME, OPEN, HIGH, LOW, CLOSE, VOLUME] = [0, 1, 2, 3, 4, 5];

  /**
   * Candles that the figure does not hold yet, with one more report merged in.
   *
   * A bar that has just closed stays here until a figure arrives that draws it.
   *
   * @param {number[][]} pending - `[time, open, high, low, close, volume]`, oldest first.
   * @param {?number[]} candle - The newest report, if any.
   * @param {number} settledMs - Open time of the newest candle the figure holds.
   */
  function merge(pending, candle, settledMs) {
    const kept = pending.filter((c) => c[TIME] > settledMs && (!candle || c[TIME] !== candle[TIME]));
    if (candle && candle[TIME] > settledMs) {
      kept.push(candle);
    }
    return kept.sort((a, b) => a[TIME] - b[TIME]).slice(-KEPT);
  }

  const rounded = (value) => Math.round(value * 10) / 10;

  /**
   * Paths of candles, in pixels of the plot.
   *
   * @param {number[][]} candles - Rows of `merge`.
   * @param {number} intervalMs - Length of a bar.
   * @param {{x: Function, y: Function, volume: Function}} place - Value to pixel, per axis.
   * @returns {{up: string, down: string, volumeUp: string, volumeDown: string}} `d` attributes.
   */
  function paths(candles, intervalMs, place) {
    const drawn = { up: "", down: "", volumeUp: "", volumeDown: "" };
    for (const candle of candles) {
      const rising = candle[CLOSE] >= candle[OPEN];
      const left = rounded(place.x(candle[TIME] - HALF_BAR * intervalMs));
      const right = Math.max(left + 1, rounded(place.x(candle[TIME] + HALF_BAR * intervalMs)));
      const middle = rounded(place.x(candle[TIME]));
      const top = rounded(place.y(Math.max(candle[OPEN], candle[CLOSE])));
      const bottom = Math.max(top + 1, rounded(place.y(Math.min(candle[OPEN], candle[CLOSE]))));
      const [high, low] = [rounded(place.y(candle[HIGH])), rounded(place.y(candle[LOW]))];
      drawn[rising ? "up" : "down"] +=
        `M${left},${top}H${right}V${bottom}H${left}ZM${middle},${high}V${top}M${middle},${bottom}V${low}`;
      drawn[rising ? "volumeUp" : "volumeDown"] +=
        `M${left},${rounded(place.volume(0))}V${rounded(place.volume(candle[VOLUME]))}H${right}V${rounded(place.volume(0))}Z`;
    }
    return drawn;
  }

  function node(parent, name, className) {
    const made = document.createElementNS(SVG, name);
    made.setAttribute("class", className);
    parent.appendChild(made);
    return made;
  }

  function group(parent, className) {
    return parent.querySelector(`:scope > .${className}`) ?? node(parent, "g", className);
  }

  /** Our nodes inside Plotly's; made again whenever Plotly threw their parents away. */
  function nodes(gd) {
    const price = gd.querySelector(".subplot.xy > .overplot > .xy");
    const volume = gd.querySelector(".subplot.xy2 > .overplot > .xy2");
    const top = gd.querySelectorAll(".main-svg");
    if (!price || !volume || !top.length) {
      return null;
    }
    const made = gd.liveCandleNodes;
    if (made && price.contains(made.up) && volume.contains(made.volumeUp) && gd.contains(made.label)) {
      return made;
    }
    const candles = group(price, "live-candles");
    const bars = group(volume, "live-volume");
    const label = group(top[top.length - 1], "live-label");
    for (const parent of [candles, bars, label]) {
      parent.replaceChildren();
    }
    gd.liveCandleNodes = {
      line: node(candles, "path", "live-line"),
      up: node(candles, "path", "live-up"),
      down: node(candles, "path", "live-down"),
      volumeUp: node(bars, "path", "live-volume-up"),
      volumeDown: node(bars, "path", "live-volume-down"),
      label,
      box: node(label, "rect", "live-label-box"),
      text: node(label, "text", "live-label-text"),
    };
    return gd.liveCandleNodes;
  }

  /**
   * Draw candles on a plot that Plotly has laid out.
   *
   * @param {HTMLElement} gd - Plotly's element.
   * @param {number[][]} candles - Rows of `merge`; may be empty.
   * @param {{intervalMs: number, price: ?number, rising: boolean, text: string}} look
   */
  function draw(gd, candles, look) {
    const layout = gd._fullLayout;
    const own = layout?.xaxis?.c2p && layout.yaxis2 ? nodes(gd) : null;
    if (!own) {
      return;
    }
    const { xaxis, yaxis, yaxis2 } = layout;
    const drawn = paths(candles, look.intervalMs, {
      x: (ms) => xaxis.c2p(ms),
      y: (price) => yaxis.c2p(price),
      volume: (amount) => yaxis2.c2p(amount),
    });
    own.up.setAttribute("d", drawn.up);
    own.down.setAttribute("d", drawn.down);
    own.volumeUp.setAttribute("d", drawn.volumeUp);
    own.volumeDown.setAttribute("d", drawn.volumeDown);
    drawPrice(own, xaxis, yaxis, look);
  }

  function drawPrice(own, xaxis, yaxis, look) {
    const y = look.price === null ? NaN : Math.round(yaxis.c2p(look.price));
    const inside = y >= 0 && y <= yaxis._length;
    own.line.setAttribute("d", inside ? `M${-xaxis._length},${y + 0.5}H${2 * xaxis._length}` : "");
    own.line.classList.toggle("falls", !look.rising);
    own.label.style.display = inside ? "" : "none";
    if (!inside) {
      return;
    }
    const width = 9 + 6.4 * look.text.length;
    own.label.setAttribute(
      "transform",
      `translate(${xaxis._offset + xaxis._length},${yaxis._offset + y - LABEL_HEIGHT / 2})`,
    );
    own.label.classList.toggle("falls", !look.rising);
    own.box.setAttribute("width", width);
    own.box.setAttribute("height", LABEL_HEIGHT);
    own.text.setAttribute("x", 5);
    own.text.setAttribute("y", 13);
    if (own.text.textContent !== look.text) {
      own.text.textContent = look.text;
    }
  }

  own.candle_layer = { merge, paths, draw };
})();
