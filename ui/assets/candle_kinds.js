/** Candles as they are drawn: as they are, or averaged (Heikin-Ashi). Pure. */
(() => {
  const own = (window.dash_clientside ??= {});
  const [TIME, OPEN, HIGH, LOW, CLOSE, VOLUME] = [0, 1, 2, 3, 4, 5];

  /**
   * Moving candles as they are drawn after those of a figure.
   *
   * Averaged ones go on from the figure's newest, so that a candle looks the same when it is
   * settled; `core/indicators/heikin_ashi.py` has the formula.
   *
   * @param {number[][]} pending - Real candles, `[time, open, high, low, close, volume]`.
   * @param {?Object} trace - The figure's candles.
   * @param {?Object} meta - Of the figure; `real` holds the prices where averaged ones are drawn.
   */
  function moving(pending, trace, meta) {
    const n = trace?.x.length ?? 0;
    if (!meta?.real || !n) {
      return pending;
    }
    let [open, close] = [trace.open[n - 1], trace.close[n - 1]];
    return pending.map((candle) => {
      open = (open + close) / 2;
      close = (candle[OPEN] + candle[HIGH] + candle[LOW] + candle[CLOSE]) / 4;
      return [candle[TIME], open, Math.max(candle[HIGH], open, close), Math.min(candle[LOW], open, close), close, candle[VOLUME]];
    });
  }

  /** The figure's candles with their real prices. */
  const real = (trace, meta) => (trace && meta?.real ? { ...trace, ...meta.real } : trace);

  /** The word for candles that are not the real ones. */
  const word = (meta) => (meta?.real ? "Heikin-Ashi" : "");

  /** Whether a figure shows the past, to which nothing that moves belongs. */
  const isPast = (meta) => meta?.look?.until_ms != null;

  own.candle_kinds = { moving, real, word, isPast };
})();
