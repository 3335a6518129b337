/** The chart on the page: takes figures, keeps the viewer's zoom, moves the live layer. */
(() => {
  const own = (window.dash_clientside ??= {});
  const SIDE_PX = 82; // margins left and right of the plot
  // One chart per page: what it shows, where the viewer looks, what moves.
  const REACH_PX = 3; // beside a zone that still points at it
  const ANNOUNCE_MS = 300; // after the last zoom or pan
  const state = { taken: [null, null], figure: null, meta: null, zoom: null, pending: [], tails: [], dragging: false, hovered: null, announced: null };

  const element = (id) => document.getElementById(id);
  const plot = () => element("price-chart")?.querySelector(".js-plotly-plot");
  const candles = () => state.figure?.data.find((trace) => trace.type === "candlestick");
  const settledMs = () => candles()?.x.at(-1) ?? -1;
  const layoutName = (axis) => axis.replace("y", "yaxis");
  const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

  /**
   * Take the newest figure for the present choice and give it the ranges to open with.
   *
   * Figures come as answers to a choice and as pushes; each way is in order by itself.
   *
   * @returns The figure, or `no_update` when there is nothing new for this choice.
   */
  function adopt(answer, pushed, symbol, interval, overlays) {
    const arrived = [answer, pushed].filter((figure, i) => figure && figure !== state.taken[i]);
    state.taken = [answer, pushed];
    const figure = arrived
      .filter(({ layout: { meta } }) => isWanted(meta, `${symbol}|${interval}`, overlays ?? []))
      .sort((a, b) => a.layout.meta.number - b.layout.meta.number)
      .at(-1);
    return figure ? open(figure) : own.no_update;
  }

  function isWanted(meta, market, overlays) {
    const shown = state.meta;
    const isNews = shown?.server !== meta.server || (shown.number < meta.number && shown.stamp !== meta.stamp);
    return isNews && meta.market === market && same(meta.overlays, overlays);
  }

  function open(figure) {
    const { meta } = figure.layout;
    if (meta.market !== state.meta?.market) {
      Object.assign(state, { zoom: null, pending: [], tails: [], hovered: null });
    }
    Object.assign(state, { figure, meta });
    state.pending = own.candle_layer.merge(state.pending, null, settledMs());
    explain(meta);
    watch();
    announce();
    return ranged(figure);
  }

  function ranged(figure) {
    const time = visible();
    const values = time && own.viewport.fit(figure.data, state.pending, time, state.meta.follow);
    if (!values) {
      return figure;
    }
    const layout = { ...figure.layout, xaxis: { ...figure.layout.xaxis, range: state.zoom?.raw ?? time } };
    for (const [axis, range] of Object.entries(values)) {
      layout[layoutName(axis)] = { ...layout[layoutName(axis)], range };
    }
    return { ...figure, layout };
  }

  /** The time range to show: the viewer's, else the newest bars. */
  function visible() {
    const width = element("price-chart").clientWidth - SIDE_PX;
    return state.zoom?.ms ?? own.viewport.home(candles().x, state.meta.interval_ms, width);
  }

  function explain({ bars, note }) {
    const box = element("chart-note");
    box.hidden = bars > 0 && !note;
    box.classList.toggle("over-chart", bars > 0);
    element("chart-note-text").textContent = note || "Waiting for the first candles";
  }

  /**
   * Move the live layer.
   *
   * @param {?number[]} candle - Null while the market stands still.
   * @param {?Array[]} tails - What the running candle adds; null while that is not known.
   */
  function tick(market, candle, tails) {
    if (market !== state.meta?.market) {
      return;
    }
    state.tails = tails ?? state.tails;
    state.pending = own.candle_layer.merge(state.pending, candle, settledMs());
    const gd = plot();
    if (candle && gd?._fullLayout?.yaxis2 && !state.dragging) {
      const { xaxis, yaxis, yaxis2 } = gd._fullLayout;
      const shown = candle[0] >= xaxis.r2l(xaxis.range[0]) && candle[0] <= xaxis.r2l(xaxis.range[1]);
      if (shown && own.viewport.escapes(candle, yaxis.range, yaxis2.range)) {
        refit(gd);
        return;
      }
    }
    paint();
  }

  function paint() {
    const gd = plot();
    if (!gd || !state.meta || state.dragging) {
      return;
    }
    const newest = last();
    own.candle_layer.draw(gd, state.pending, {
      intervalMs: state.meta.interval_ms,
      price: newest ? newest[4] : null,
      rising: newest ? newest[4] >= newest[1] : true,
      text: newest ? own.numbers.number(newest[4], state.meta.decimals) : "",
    });
    own.tail_layer.draw(gd, state.tails, {
      axes: state.meta.axes,
      settledMs: settledMs(),
      intervalMs: state.meta.interval_ms,
    });
    readout(state.hovered ?? newest);
    const range = gd._fullLayout?.xaxis?.range;
    const away = state.zoom && newest && range && newest[0] > gd._fullLayout.xaxis.r2l(range[1]);
    element("latest").hidden = !away;
  }

  /** The newest candle known: a moving one, else the last that closed. */
  function last() {
    return state.pending.at(-1) ?? row((candles()?.x.length ?? 0) - 1);
  }

  function row(i) {
    const trace = candles();
    if (!trace || i < 0) {
      return null;
    }
    const volume = state.figure.data.find((other) => other.yaxis === "y2");
    return [trace.x[i], trace.open[i], trace.high[i], trace.low[i], trace.close[i], volume.y[i]];
  }

  function readout(candle) {
    if (!candle) {
      return;
    }
    const { number, quantity } = own.numbers;
    const box = element("readout");
    const price = (value) => number(value, state.meta.decimals);
    const [time, open, high, low, close, volume] = candle;
    const change = number((close / open - 1) * 100, 2, true);
    const day = new Date(time).toISOString().slice(0, 10);
    const text = [
      `${day} ${own.clock.timeOfDay(time, false)}`,
      `O ${price(open)}`,
      `H ${price(high)}`,
      `L ${price(low)}`,
      `C ${price(close)}`,
      `${change} %`,
      `V ${quantity(volume)}`,
    ].join("   ");
    if (box.textContent !== text) {
      box.textContent = text;
      box.className = `readout ${close >= open ? "up" : "down"}`;
    }
  }

  function refit(gd, more = {}) {
    const time = visible();
    const values = time && own.viewport.fit(state.figure.data, state.pending, time, state.meta.follow);
    if (values) {
      const ranges = Object.entries(values).map(([axis, range]) => [`${layoutName(axis)}.range`, range]);
      window.Plotly.relayout(gd, { ...more, ...Object.fromEntries(ranges) });
    }
  }

  /** Tell what overlays say at the candle under the pointer, else at the newest that closed. */
  function tell() {
    cancelAnimationFrame(state.telling);
    state.telling = requestAnimationFrame(() => {
      const gd = plot();
      if (gd?._fullLayout?.yaxis2 && state.meta?.bars) {
        own.legend.show(element("chart-box"), gd, state.figure, state.hovered?.[0] ?? settledMs());
      }
    });
  }

  /** Tell which zones are under the pointer. */
  function pointed(gd, event) {
    const { xaxis, yaxis } = gd._fullLayout ?? {};
    if (!state.meta?.bars || !yaxis?.p2l) {
      return;
    }
    const box = gd.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - xaxis._offset, event.clientY - box.top - yaxis._offset];
    const inside = x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length && !state.dragging;
    const reach = yaxis.p2l(y) - yaxis.p2l(y + REACH_PX);
    const words = inside
      ? own.legend.zonesAt(state.meta.zones, xaxis.p2l(x), yaxis.p2l(y), reach, state.meta.decimals)
      : [];
    own.legend.point(element("chart-box"), words);
  }

  /** Say what is visible, while an overlay depends on it. */
  function announce() {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => {
      if (!state.meta?.ranged || state.dragging) {
        return;
      }
      const shown = own.viewport.shown(candles().x, visible(), state.zoom === null);
      if (shown !== null && JSON.stringify(shown) !== state.announced) {
        state.announced = JSON.stringify(shown);
        own.set_props("shown", { data: shown });
      }
    }, ANNOUNCE_MS);
  }

  /** Back to the newest bars. */
  function follow() {
    const gd = plot();
    if (gd && state.meta?.bars) {
      state.zoom = null;
      refit(gd, { "xaxis.range": visible() });
      announce();
    }
  }

  function relayouted(gd, change) {
    state.dragging = false;
    const keys = Object.keys(change);
    if (state.meta?.bars && keys.some((key) => key.startsWith("xaxis.range")) && !("yaxis.range" in change)) {
      const { xaxis } = gd._fullLayout;
      const raw = [...xaxis.range];
      state.zoom = { raw, ms: raw.map((value) => xaxis.r2l(value)) };
      refit(gd);
      announce();
    } else if (keys.includes("autosize") && !state.zoom) {
      follow();
    }
    paint();
  }

  /** Listen to Plotly's element, once it is there. */
  function watch(triesLeft = 200) {
    const gd = plot();
    if (!gd?.on) {
      if (triesLeft > 0) {
        setTimeout(watch, 50, triesLeft - 1);
      }
      return;
    }
    if (gd.isWatched) {
      return;
    }
    gd.isWatched = true;
    gd.on("plotly_afterplot", () => {
      paint();
      tell();
    });
    gd.addEventListener("mousemove", (event) => pointed(gd, event));
    gd.addEventListener("mouseleave", () => own.legend.point(element("chart-box"), []));
    gd.on("plotly_relayouting", () => {
      state.dragging = true;
    });
    gd.on("plotly_relayout", (change) => relayouted(gd, change));
    gd.on("plotly_doubleclick", follow);
    gd.on("plotly_hover", ({ points }) => {
      const point = points.find(({ data }) => data.type === "candlestick" || data.yaxis === "y2");
      state.hovered = point ? row(point.pointNumber) : null;
      paint();
      tell();
    });
    gd.on("plotly_unhover", () => {
      state.hovered = null;
      paint();
      tell();
    });
    element("latest").addEventListener("click", follow);
    paint();
    tell();
  }

  own.chart = { adopt, tick, last, isEmpty: () => !state.meta?.bars, decimals: () => state.meta?.decimals ?? 2 };
})();
