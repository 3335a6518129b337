/** Where moments and prices are on the chart, in pixels of its box. */
(() => {
  const own = (window.dash_clientside ??= {});

  /**
   * The price pane of a plot that Plotly has laid out.
   *
   * @param {?Object} layout - Plotly's full layout.
   * @param {{left: number, top: number}} at - Where Plotly's element begins in the chart's box.
   * @returns {?{x: Function, y: Function, time: Function, price: Function, left: number,
   *   top: number, width: number, height: number}} Null before there is a pane; `x` and `y` turn
   *   milliseconds and a price into pixels, `time` and `price` turn them back.
   */
  function place(layout, at = { left: 0, top: 0 }) {
    const { xaxis, yaxis } = layout ?? {};
    if (!xaxis?.c2p || !yaxis?.c2p || xaxis.type !== "date") {
      return null;
    }
    const [left, top] = [at.left + xaxis._offset, at.top + yaxis._offset];
    return {
      x: (ms) => left + xaxis.c2p(ms),
      y: (price) => top + yaxis.c2p(price),
      time: (px) => xaxis.p2c(px - left),
      price: (px) => yaxis.p2c(px - top),
      left,
      top,
      width: xaxis._length,
      height: yaxis._length,
    };
  }

  /**
   * What is under a point of the box: its moment, and its price where that is in the price pane.
   *
   * @returns {?{ms: number, price: ?number}} Null beside the plot.
   */
  function under(pane, x, y, bottom) {
    if (!pane || x < pane.left || x > pane.left + pane.width || y < pane.top || y > bottom) {
      return null;
    }
    return { ms: pane.time(x), price: y <= pane.top + pane.height ? pane.price(y) : null };
  }

  own.chart_place = { place, under };
})();
