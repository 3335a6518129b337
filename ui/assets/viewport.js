/** Which part of the market the chart shows. Pure: arrays in, ranges out. */
(() => {
  const own = (window.dash_clientside ??= {});
  const BAR_PX = 7;
  const FEWEST_BARS = 40;
  const MARGIN = 0.08; // of a range, above and below what it holds
  const REACH = 0.35; // of the candles' height: how far an overlay's line may stretch the price
  const [PRICE, AMOUNT] = ["y", "y2"]; // axes of candles and of volume, ui/figures/panes.py
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

  /** Time of a value; traces without holes give only their first one and the step. */
  const timeOf = (trace, i) => (trace.x ? trace.x[i] : trace.x0 + i * trace.dx);

  /** Lowest and highest visible value of a trace. */
  function extentOf(trace, range) {
    let extent = [Infinity, -Infinity];
    const [lows, highs] = trace.type === "candlestick" ? [trace.low, trace.high] : [trace.y, trace.y];
    for (let i = 0; i < lows.length; i += 1) {
      if (lows[i] !== null && within(timeOf(trace, i), range)) {
        extent = stretch(extent, lows[i], highs[i]);
      }
    }
    return extent;
  }

  /**
   * Value ranges that hold what is visible, by axis.
   *
   * Prices follow the candles: lines may stretch them only so far, and what may be far
   * away from today's price (`meta.far`: zones, levels, the profile) not at all.
   *
   * @param {Object[]} traces - Plotly traces with plain arrays.
   * @param {number[][]} pending - Candles drawn outside Plotly.
   * @param {[number, number]} range - Visible time, milliseconds.
   * @param {string[]} follow - Axes whose range follows what is visible.
   * @param {boolean} isLog - Whether prices are on a logarithmic axis: then their range is told
   *   in exponents of ten, as Plotly wants it.
   * @returns {?Object<string, number[]>} Null when no candle is visible.
   */
  function fit(traces, pending, range, follow = [PRICE, AMOUNT], isLog = false) {
    const extents = new Map(follow.map((axis) => [axis, [Infinity, -Infinity]]));
    let candles = [Infinity, -Infinity];
    for (const trace of traces) {
      const axis = trace.yaxis ?? PRICE;
      if (trace.meta?.far || !extents.has(axis)) {
        continue;
      }
      const [low, high] = extentOf(trace, range);
      if (trace.type === "candlestick") {
        candles = stretch(candles, low, high);
      } else {
        extents.set(axis, stretch(extents.get(axis), low, high));
      }
    }
    let most = Math.max(0, extents.get(AMOUNT)?.[1] ?? 0);
    for (const candle of pending.filter((c) => within(c[TIME], range))) {
      candles = stretch(candles, candle[LOW], candle[HIGH]);
      most = Math.max(most, candle[VOLUME]);
    }
    if (candles[0] > candles[1]) {
      return null;
    }
    const scaled = (extent) => (isLog ? extent.map((value) => Math.log10(Math.max(0, value))) : extent);
    extents.set(PRICE, priceExtent(scaled(candles), scaled(extents.get(PRICE))));
    extents.set(AMOUNT, null);
    const fitted = { [AMOUNT]: [0, most * 1.12 || 1] };
    for (const [axis, extent] of extents) {
      if (extent && extent[0] <= extent[1]) {
        fitted[axis] = padded(extent);
      }
    }
    return fitted;
  }

  function priceExtent(candles, lines) {
    const reach = REACH * (candles[1] - candles[0]);
    return [
      Math.min(candles[0], Math.max(lines[0], candles[0] - reach)),
      Math.max(candles[1], Math.min(lines[1], candles[1] + reach)),
    ];
  }

  function padded([low, high]) {
    const margin = (high - low || Math.abs(high) * 0.001 || 1) * MARGIN;
    return [low - margin, high + margin];
  }

  /** Whether a candle reaches beyond the shown values. */
  function escapes(candle, priceRange, volumeRange) {
    return candle[HIGH] > priceRange[1] || candle[LOW] < priceRange[0] || candle[VOLUME] > volumeRange[1];
  }

  /**
   * What an overlay that depends on the visible candles is told.
   *
   * @param {number[]} times - Open times of the candles.
   * @param {[number, number]} range - Visible time.
   * @param {boolean} atHome - Whether the range moves on with the market.
   * @returns {?(number|number[])} How many of the newest, or the first and last open time.
   */
  function shown(times, range, atHome) {
    const visible = times.filter((time) => within(time, range));
    if (!visible.length) {
      return null;
    }
    return atHome ? visible.length : [visible[0], visible.at(-1)];
  }

  own.viewport = { home, fit, escapes, shown, timeOf };
})();
