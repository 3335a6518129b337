/** Two lines under the pointer, with the price on the axis and the time below the panes. */
(() => {
  const own = (window.dash_clientside ??= {});
  const LABEL_PX = 18;
  const LETTER_PX = 6.5;
  const DAY_MS = 86_400_000;
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const state = { parts: null, at: null, isFar: false };

  /**
   * The open time of the candle a moment is read at: on this chart the nearest line, of another
   * chart's moment the candle that holds it.
   */
  function candleAt(ms, intervalMs, isFar) {
    return isFar ? Math.floor(ms / intervalMs) * intervalMs : own.drawing_shapes.snapped(ms, intervalMs);
  }

  /** A candle's open time, no more exact than candles are long: "Sat 21 Nov 16:05". */
  function timeWords(ms, intervalMs) {
    const date = new Date(ms);
    const day = `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    return intervalMs >= DAY_MS ? `${day} ${date.getUTCFullYear()}` : `${day} ${date.toISOString().slice(11, 16)}`;
  }

  function parts() {
    const root = own.drawing_layer.root();
    if (root && (!state.parts || !root.contains(state.parts.group))) {
      const { node } = own.drawing_layer;
      const group = node(root, "g", { class: "crosshair", "aria-hidden": "true" });
      const lines = node(group, "path", { class: "crosshair-line" });
      const [price, time] = ["price", "time"].map((name) => {
        const label = node(group, "g", { class: `crosshair-label ${name}` });
        return { label, box: node(label, "rect", { height: LABEL_PX, rx: 2 }), text: node(label, "text", { y: 13, x: 5 }) };
      });
      state.parts = { group, lines, price, time };
    }
    return state.parts;
  }

  function write({ label, box, text }, x, y, words) {
    if (text.textContent !== words) {
      text.textContent = words;
    }
    box.setAttribute("width", 9 + LETTER_PX * words.length);
    label.setAttribute("transform", `translate(${x.toFixed(1)},${y.toFixed(1)})`);
  }

  /** Where the lowest pane ends, in pixels of the chart's box. */
  function floor(pane) {
    const { _size: size, yaxis } = own.chart.plot()?._fullLayout ?? {};
    return size && yaxis ? pane.top - yaxis._offset + size.t + size.h : pane.top + pane.height;
  }

  function draw() {
    const [found, pane] = [parts(), own.chart.place()];
    if (!found) {
      return;
    }
    const [, interval] = own.chart.market()?.split("|") ?? [];
    const intervalMs = own.clock.INTERVALS_MS[interval];
    const ms = state.at && intervalMs ? candleAt(state.at.ms, intervalMs, state.isFar) : NaN;
    const x = pane?.x(ms) ?? NaN;
    const isSeen = x >= pane?.left && x <= pane.left + pane.width;
    found.group.style.display = isSeen ? "" : "none";
    if (isSeen) {
      place(found, pane, x, timeWords(ms, intervalMs));
    }
  }

  function place({ lines, price, time }, pane, x, words) {
    const [right, bottom] = [pane.left + pane.width, floor(pane)];
    const y = state.at.price === null ? NaN : pane.y(state.at.price);
    const isPriced = y >= pane.top && y <= pane.top + pane.height;
    const [across, down] = [`M${pane.left},${Math.round(y) + 0.5}H${right}`, `M${Math.round(x) + 0.5},${pane.top}V${bottom}`];
    lines.setAttribute("d", isPriced ? down + across : down);
    const width = 9 + LETTER_PX * words.length;
    write(time, Math.min(Math.max(x - width / 2, pane.left), right - width), bottom + 2, words);
    price.label.style.display = isPriced ? "" : "none";
    if (isPriced) {
      write(price, right, y - LABEL_PX / 2, own.numbers.number(state.at.price, own.chart.decimals()));
    }
  }

  /** Show where the pointer of this chart is, here and in the charts linked with it. */
  function point(at) {
    Object.assign(state, { at, isFar: false });
    draw();
    const symbol = own.chart.market()?.split("|")[0] ?? "";
    own.chart_links.tell({ about: "pointer", ms: at?.ms ?? null, price: at?.price ?? null, symbol });
  }

  /** Show where the pointer of another chart is; its price says something of its symbol only. */
  function pointed({ ms, price, symbol }) {
    const isSame = symbol === own.chart.market()?.split("|")[0];
    Object.assign(state, { at: ms === null ? null : { ms, price: isSame ? price : null }, isFar: true });
    draw();
  }

  document.addEventListener("chart:hover", ({ detail }) => point(detail));
  document.addEventListener("chart:drawn", draw);
  document.addEventListener("DOMContentLoaded", () => {
    own.chart_links.serve("pointer", pointed);
    own.chart_links.serve("tool", ({ tool }) => own.drawings.use(tool, false));
  });

  own.crosshair = { candleAt, timeWords, point };
})();
