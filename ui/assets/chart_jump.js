/** Moves the chart to a bar: another market, or older candles, where it takes them. */
(() => {
  const own = (window.dash_clientside ??= {});
  const PATIENCE_MS = 20000;
  const LOOK_MS = 100; // whether what was asked for is drawn by now
  const MOST_BARS = 20000; // as in ui/look.py
  const ROOM_BARS = 60; // drawn before the bar that is jumped to
  const FEWEST_BARS = 40;
  const USUAL_BARS = 120;
  const LEFT = 0.4; // of the chart's width: where the bar is put, for the drawer covers the right
  const state = { wanted: null, marked: null };

  const durationOf = (market) => own.clock.INTERVALS_MS[market?.split("|")[1]];

  /**
   * How many candles it takes to reach back to a bar; null where those drawn suffice.
   *
   * @param {number[]} times - Open times of those drawn.
   * @param {number} durationMs - Of one candle.
   */
  function barsFor(times, durationMs, ms) {
    if (!times.length || ms >= times[0]) {
      return null;
    }
    return Math.min(MOST_BARS, Math.ceil((times.at(-1) - ms) / durationMs) + ROOM_BARS);
  }

  /** The range that shows a bar left of the middle, as wide as before where that is sensible. */
  function rangeAround(ms, durationMs, [from, to] = []) {
    const width = to - from >= FEWEST_BARS * durationMs && to - from <= 1000 * durationMs ? to - from : USUAL_BARS * durationMs;
    return [ms - LEFT * width, ms + (1 - LEFT) * width];
  }

  /**
   * Show a bar.
   *
   * @param {string} symbol
   * @param {string} interval
   * @param {number} ms - Open time of the bar.
   */
  function show(symbol, interval, ms) {
    const market = `${symbol}|${interval}`;
    clearTimeout(state.timer);
    state.wanted = { market, ms, asked: false };
    state.marked = { market, ms };
    state.timer = setTimeout(giveUp, PATIENCE_MS);
    own.navigation?.go("trade");
    // Even where that is drawn: the viewer may have chosen something else that has not come yet.
    own.set_props("symbol", { value: symbol });
    own.set_props("interval", { value: interval });
    advance();
  }

  /** Forget the mark on the bar. */
  function clear() {
    state.wanted = state.marked = null;
    place();
  }

  function giveUp() {
    const { wanted } = state;
    state.wanted = null;
    if (wanted && own.chart.market() === wanted.market) {
      move(own.chart.candles().time[0]);
      own.notifications?.tell({ tone: "warning", title: "Chart", text: "That candle is older than those that are kept; the oldest are shown." });
    }
  }

  /** Whether the market is drawn that is wanted, as far back as was asked for, and is to stay. */
  function isDrawn({ market }) {
    const isSame = own.chart.market() === market && own.connection.market() === market;
    const drawn = own.chart.plot()?.layout?.meta?.look?.bars ?? null;
    return isSame && !own.chart.isEmpty() && drawn === (own.look.now().bars ?? null);
  }

  /** Go on, if what is drawn by now is what is wanted; look again until it is. */
  function advance() {
    const { wanted } = state;
    clearTimeout(state.looking);
    if (!wanted) {
      return;
    }
    state.looking = setTimeout(advance, LOOK_MS);
    if (!isDrawn(wanted)) {
      return;
    }
    const bars = barsFor(own.chart.candles().time, durationOf(wanted.market), wanted.ms);
    if (bars === null) {
      state.wanted = null;
      clearTimeout(state.timer);
      clearTimeout(state.looking);
      move(wanted.ms);
    } else if (!wanted.asked) {
      wanted.asked = true;
      own.look.change({ bars });
    }
  }

  function move(ms) {
    const gd = own.chart.plot();
    const axis = gd?._fullLayout?.xaxis;
    if (axis && ms !== undefined) {
      const now = axis.range.map((value) => axis.r2l(value));
      window.Plotly.relayout(gd, { "xaxis.range": rangeAround(ms, durationOf(own.chart.market()), now) });
    }
  }

  /** Put the mark on its bar; hidden where the chart does not show it. */
  function place() {
    const mark = document.getElementById("decision-mark");
    if (!mark) {
      return;
    }
    const pane = state.marked && own.chart.market() === state.marked.market ? own.chart.place() : null;
    const durationMs = durationOf(state.marked?.market);
    const [left, right] = pane ? [-0.5, 0.5].map((side) => pane.x(state.marked.ms + side * durationMs)) : [];
    const isShown = pane && left >= pane.left && right <= pane.left + pane.width;
    mark.hidden = !isShown;
    if (isShown) {
      Object.assign(mark.style, { left: `${left}px`, width: `${Math.max(2, right - left)}px`, top: `${pane.top}px`, height: `${pane.height}px` });
    }
  }

  document.addEventListener("chart:drawn", () => {
    place();
    if (state.wanted) {
      setTimeout(advance, 0); // not within Plotly's own drawing
    }
  });

  if (own.chart) {
    own.chart.show = show;
  }
  own.chart_jump = { show, clear, barsFor, rangeAround };
})();
