/** Which part of the market the chart shows. Pure: arrays in, ranges out. */
(() => {
  const own = (window.dash_clientside ??= {});
  const BAR_PX = 7;
  const FEWEST_BARS = 40;
  const PANE = "y3"; // ui/figures/missing_spans.py: no prices but hatching
  const [TIME, HIGH, LOW, VOLUME] = [0, 2, 3, 5];

  /** The newest bars at a comfortable width, with some room for those to come. */
  function home(times, intervalMs, widthPx) {
    if (!times.length) {
      return null;
    }
    const fitting = Math.max(FEWEST_BARS, Math.floor(widthPx / BAR_PX));
    const bars = Math.min(times.length, fitting);
    const room = Math.max(4, Math.round(fitting * 0.05));
    const missing = Math.min(fitting - bars, fitting - FEWEST_BARS);
    const first = times[times.length - bars] - (0.5 + missing) * intervalMs;
    return [first, times.at(-1) + (0.5 + room) * intervalMs];
  }

  const within = (time, [from, to]) => time >= from && time <= to;

  function stretch(extent, low, high) {
    return [Math.min(extent[0], low ?? Infinity), Math.max(extent[1], high ?? -Infinity)];
  }

  /**
   * Value ranges that hold everything visible.
   *
   * @param {Object[]} traces - Plotly traces with plain arrays.
   * @param {number[][]} pending - Candles drawn outside Plotly.
   * @param {[number, number]} range - Visible time, milliseconds.
   * @returns {?{price: number[], volume: number[]}} Null when nothing is visible.
   */
  function fit(traces, pending, range) {
    let price = [Infinity, -Infinity];
    let most = 0;
    for (const trace of traces.filter(({ yaxis }) => yaxis !== PANE)) {
      trace.x.forEach((time, i) => {
        if (!within(time, range)) {
          return;
        }
        if (trace.type === "candlestick") {
          price = stretch(price, trace.low[i], trace.high[i]);
        } else if (trace.yaxis === "y2") {
          most = Math.max(most, trace.y[i]);
        } else if (trace.y[i] !== null) {
          price = stretch(price, trace.y[i], trace.y[i]);
        }
      });
    }
    for (const candle of pending.filter((c) => within(c[TIME], range))) {
      price = stretch(price, candle[LOW], candle[HIGH]);
      most = Math.max(most, candle[VOLUME]);
    }
    if (price[0] > price[1]) {
      return null;
    }
    const margin = (price[1] - price[0] || price[1] * 0.001) * 0.08;
    return { price: [price[0] - margin, price[1] + margin], volume: [0, most * 1.12 || 1] };
  }

  /** Whether a candle reaches beyond the shown values. */
  function escapes(candle, priceRange, volumeRange) {
    return candle[HIGH] > priceRange[1] || candle[LOW] < priceRange[0] || candle[VOLUME] > volumeRange[1];
  }

  own.viewport = { home, fit, escapes };
})();
