/** The chart on the page: takes figures, keeps the viewer's zoom, moves the live layer. */
(() => {
  const own = (window.dash_clientside ??= {});
  const SIDE_PX = 82; // margins left and right of the plot
  const REACH_PX = 3; // beside a zone that still points at it
  const ANNOUNCE_MS = 300; // after the last zoom or pan
  const LOOK_MS = 20; // for Plotly's element, which Dash makes when it has loaded Plotly
  // Dash writes what these tell into the page's state and draws its own figure again.
  const OF_DASH = ["click", "clickannotation", "hover", "selected", "deselect", "relayout", "restyle", "unhover"];
  // One chart per page: what it shows, where the viewer looks, what moves.
  const state = { figure: null, meta: null, zoom: null, pending: [], tails: [], dragging: false, hovered: null, announced: null, at: { left: 0, top: 0 } };

  const element = (id) => document.getElementById(id);
  const plot = () => element("price-chart")?.querySelector(".js-plotly-plot") ?? null;
  const trace = (type, axis) => state.figure?.data.find((one) => one.type === type && (one.yaxis ?? "y") === axis);
  const candles = () => trace("candlestick", "y");
  const settledMs = () => candles()?.x.at(-1) ?? -1;
  const moving = () => own.candle_kinds.moving(state.pending, candles(), state.meta);
  const layoutName = (axis) => axis.replace("y", "yaxis");
  const say = (name, detail = null) => document.dispatchEvent(new CustomEvent(name, { detail }));

  /**
   * Draw a figure, if it is what was chosen and no older than what is drawn.
   *
   * Figures come as answers to a choice and as pushes, so an older one may come later.
   *
   * @param {?string} text - As `figure_news.parsed` takes it.
   */
  function take(text) {
    const figure = text && own.figure_news.parsed(text);
    if (figure && own.figure_news.isWanted(figure.layout.meta, state.meta, own.connection.chosen())) {
      open(figure);
    }
  }

  function open(figure) {
    const { meta } = figure.layout;
    const isOther = meta.market !== state.meta?.market;
    if (isOther) {
      Object.assign(state, { zoom: null, pending: [], tails: [], hovered: null });
    }
    const { pending, tails } = own.candle_kinds.isPast(meta) ? { pending: [], tails: [] } : state;
    Object.assign(state, { figure, meta, tails });
    state.pending = own.candle_layer.merge(pending, null, settledMs());
    own.readout.explain(meta);
    draw();
    announce();
    if (isOther) {
      say("chart:market", { market: meta.market });
    }
  }

  /** Give Plotly the figure, with the ranges to open with. */
  function draw() {
    const gd = watched();
    if (gd && state.figure) {
      const { data, layout } = ranged(state.figure);
      window.Plotly.react(gd, own.settled_layer.given(data), layout, gd._context);
    }
  }

  function ranged(figure) {
    const time = visible();
    const values = time && own.viewport.fit(figure.data, moving(), time, state.meta.follow, state.meta.look?.log);
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

  /**
   * Move the live layer.
   *
   * @param {?number[]} candle - Null while the market stands still.
   * @param {?Array[]} tails - What the running candle adds; null while that is not known.
   */
  function tick(market, candle, tails) {
    if (market !== state.meta?.market || own.candle_kinds.isPast(state.meta)) {
      return;
    }
    state.tails = tails ?? state.tails;
    state.pending = own.candle_layer.merge(state.pending, candle, settledMs());
    move(candle);
    if (candle) {
      say("chart:tick", { market, candle });
    }
  }

  function move(candle) {
    const gd = plot();
    if (candle && gd?._fullLayout?.yaxis2 && !state.dragging) {
      const { xaxis, yaxis, yaxis2 } = gd._fullLayout;
      const shown = candle[0] >= xaxis.r2l(xaxis.range[0]) && candle[0] <= xaxis.r2l(xaxis.range[1]);
      if (shown && own.viewport.escapes(moving().at(-1) ?? candle, yaxis.range.map(yaxis.r2c), yaxis2.range)) {
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
    own.candle_layer.draw(gd, moving(), {
      intervalMs: state.meta.interval_ms,
      price: newest && !own.candle_kinds.isPast(state.meta) ? newest[4] : null,
      rising: newest ? newest[4] >= newest[1] : true,
      text: newest ? own.numbers.number(newest[4], state.meta.decimals) : "",
    });
    own.tail_layer.draw(gd, state.tails, {
      axes: state.meta.axes,
      settledMs: settledMs(),
      intervalMs: state.meta.interval_ms,
    });
    own.readout.show(state.hovered ?? newest, state.meta.decimals, own.candle_kinds.word(state.meta));
    const range = gd._fullLayout?.xaxis?.range;
    const away = state.zoom && newest && range && newest[0] > gd._fullLayout.xaxis.r2l(range[1]);
    element("latest").hidden = !away;
  }

  /** The newest candle known: a moving one, else the last that closed. */
  function last() {
    return state.pending.at(-1) ?? row((candles()?.x.length ?? 0) - 1);
  }

  function row(i) {
    if (!candles() || i < 0) {
      return null;
    }
    const { x, open, high, low, close } = own.candle_kinds.real(candles(), state.meta);
    return [x[i], open[i], high[i], low[i], close[i], trace("bar", "y2").y[i]];
  }

  function refit(gd, more = {}) {
    const time = visible();
    const values = time && own.viewport.fit(state.figure.data, moving(), time, state.meta.follow, state.meta.look?.log);
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

  /** The price pane, for scripts that draw over the chart. */
  function place() {
    return state.meta?.bars ? own.chart_place.place(plot()?._fullLayout, state.at) : null;
  }

  /** Tell which moment, price and zones are under the pointer. */
  function pointed(event) {
    const [pane, box] = [place(), element("chart-box").getBoundingClientRect()];
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const size = plot()?._fullLayout?._size;
    const found = pane && !state.dragging ? own.chart_place.under(pane, x, y, state.at.top + size.t + size.h) : null;
    point(found, found?.price == null ? 0 : found.price - pane.price(y + REACH_PX));
  }

  function point(found, reach) {
    const { zones, decimals } = state.meta ?? {};
    const words = found?.price == null ? [] : own.legend.zonesAt(zones, found.ms, found.price, reach, decimals);
    own.legend.point(element("chart-box"), words);
    const candle = found && row(own.settled_layer.at(candles(), found.ms, state.meta.interval_ms));
    if (candle?.[0] !== state.hovered?.[0]) {
      hover(candle);
    }
    say("chart:hover", found);
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

  /**
   * Plotly's element, listened to by us alone; null while Dash still makes it.
   *
   * Dash makes it and loads Plotly. From then on figures are drawn here, for what Dash does
   * around a figure costs more than the drawing.
   */
  function watched() {
    const gd = plot();
    if (!gd?.on || (!gd.isWatched && gd.classList.contains("dash-graph--pending"))) {
      state.waiting ??= setTimeout(() => {
        state.waiting = null;
        draw();
      }, LOOK_MS);
      return null;
    }
    if (!gd.isWatched) {
      gd.isWatched = true;
      OF_DASH.forEach((name) => gd.removeAllListeners(`plotly_${name}`));
      listen(gd);
    }
    return gd;
  }

  function drawn(gd) {
    const [inner, outer] = [gd.getBoundingClientRect(), element("chart-box").getBoundingClientRect()];
    state.at = { left: inner.left - outer.left, top: inner.top - outer.top };
    own.settled_layer.draw(gd, state.figure?.data ?? [], state.meta?.interval_ms);
    hover(state.hovered);
    say("chart:drawn");
  }

  function hover(candle) {
    state.hovered = candle;
    paint();
    tell();
  }

  function listen(gd) {
    gd.on("plotly_afterplot", () => drawn(gd));
    gd.addEventListener("mousemove", pointed);
    gd.addEventListener("mouseleave", () => point(null, 0));
    gd.on("plotly_relayouting", () => {
      state.dragging = true;
    });
    gd.on("plotly_relayout", (change) => relayouted(gd, change));
    gd.on("plotly_doubleclick", follow);
    element("latest").addEventListener("click", follow);
  }

  /** The settled candles, as arrays. */
  function settled() {
    const { x: time = [], open = [], high = [], low = [], close = [] } = own.candle_kinds.real(candles(), state.meta) ?? {};
    return { time, open, high, low, close, volume: trace("bar", "y2")?.y ?? [] };
  }

  own.chart = {
    take,
    tick,
    plot,
    last,
    place,
    candles: settled,
    market: () => state.meta?.market ?? null,
    decimals: () => state.meta?.decimals ?? 2,
    isEmpty: () => !state.meta?.bars,
  };
})();
