/** Whether a figure that arrived is to be shown. Pure. */
(() => {
  const own = (window.dash_clientside ??= {});
  // As `ui/look.py` reads what is not told.
  const PLAIN = { theme: "dark", candles: "candles", log: false, bars: null, until_ms: null, facts: [] };

  /** One word for a way to show the market, however much of it was told. */
  function lookWord(look) {
    const full = { ...PLAIN, ...look };
    return JSON.stringify(Object.keys(PLAIN).map((key) => full[key]));
  }

  const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

  /**
   * Whether a figure shows what was chosen, and something else than the one on screen.
   *
   * @param {Object} meta - Of the figure.
   * @param {?Object} shown - Of the figure on screen.
   * @param {?{symbol: string, interval: string, overlays: string[], look: ?Object}} choice
   */
  function isWanted(meta, shown, choice) {
    const isNews = shown?.server !== meta.server || (shown.number < meta.number && shown.stamp !== meta.stamp);
    return (
      isNews &&
      choice !== null &&
      meta.market === `${choice.symbol}|${choice.interval}` &&
      same(meta.overlays, choice.overlays) &&
      lookWord(meta.look) === lookWord(choice.look)
    );
  }

  /**
   * A figure as the server wrote it, with what tells the later from the earlier in its meta.
   *
   * @param {string} text - JSON of `{server, number, figure}`.
   */
  function parsed(text) {
    const { server, number, figure } = JSON.parse(text);
    Object.assign(figure.layout.meta, { server, number });
    own.pane_heights?.apply(figure.layout);
    return figure;
  }

  own.figure_news = { isWanted, parsed };
})();
