/**
 * What overlays say at the candle under the pointer, and what the zones under it are.
 *
 * Text is only ever written as text: what an overlay is called cannot become markup.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const MOST_ZONES = 4;
  const LINE_PX = 16;
  const PRICE = "y";
  const [NAME, FROM, KNOWN, ENDED, LOW, HIGH, EVENTS] = [0, 1, 2, 3, 4, 5, 6];

  /** Text of a value that is no price: three significant places, thousands and millions short. */
  function brief(value) {
    const size = Math.abs(value);
    if (size >= 1e6) {
      return `${own.numbers.number(value / 1e6, 2)} M`;
    }
    const places = size >= 100 || size === 0 ? 0 : Math.min(8, 2 - Math.floor(Math.log10(size)));
    return own.numbers.number(value, Math.max(0, places));
  }

  /** Value of a trace at a time, null where it has none there. */
  function valueAt(trace, timeMs) {
    const i = trace.x ? trace.x.indexOf(timeMs) : Math.round((timeMs - trace.x0) / trace.dx);
    return trace.y[i] ?? null;
  }

  /**
   * What one overlay says at a candle.
   *
   * @param {Object} entry - Of `ui/figures/legend.py`.
   * @param {Object[]} traces - Of the figure.
   * @param {number} timeMs - Open time of the candle.
   * @param {number} decimals - Of a price.
   * @returns {{text: string, colour: ?string}[]} In the order of its curves, then states and words.
   */
  function parts(entry, traces, timeMs, decimals) {
    const said = entry.curves.map(({ name, kind }) => {
      const mine = traces.filter((trace) => trace.meta?.of === entry.key && trace.name === name);
      const known = mine.map((trace) => ({ trace, value: valueAt(trace, timeMs) })).filter(({ value }) => value !== null);
      const shown = kind === "bars" ? known.filter(({ value }) => value !== 0).slice(0, 1) : known;
      const written = shown.map(({ trace, value }) =>
        (trace.yaxis ?? PRICE) === PRICE ? own.numbers.number(value, decimals) : brief(value),
      );
      const isNamed = name === entry.title || (kind === "band" && entry.title.startsWith(name));
      const label = isNamed ? "" : `${name.replace(`${entry.title} `, "")} `;
      return { text: `${label}${written.join(" – ") || "–"}`, colour: solid(shown[0]?.trace.line?.color) };
    });
    for (const ribbon of entry.ribbons) {
      const code = stateAt(ribbon, timeMs);
      const many = entry.ribbons.length > 1 ? `${ribbon.name} ` : "";
      said.push({ text: `${many}${ribbon.labels[code] ?? "–"}`, colour: ribbon.colours[code] ?? null });
    }
    return entry.words ? [...said, { text: entry.words, colour: null }] : said;
  }

  /** A colour that is read, not looked through. */
  const solid = (colour) => colour?.replace(/^(rgba\(.*),[^,]*\)$/, "$1,1)") ?? null;

  /** Code of a ribbon's state at a time: that of the last stretch which began by then. */
  function stateAt({ from_ms, codes }, timeMs) {
    return codes[from_ms.findLastIndex((ms) => ms <= timeMs)] ?? -1;
  }

  /**
   * The zones that hold a point, newest first, in words.
   *
   * @param {Array[]} zones - `[name, fromMs, knownMs, endedMs, low, high, events]`.
   * @param {number} reach - How far beside the price counts: a zone may be thinner than a pixel.
   * @param {number} decimals - Of a price.
   */
  function zonesAt(zones, timeMs, price, reach, decimals) {
    const lives = (zone) => zone[FROM] <= timeMs && (zone[ENDED] ?? Infinity) >= timeMs;
    const under = zones.filter((zone) => lives(zone) && zone[LOW] <= price + reach && zone[HIGH] >= price - reach);
    return under.slice(-MOST_ZONES).reverse().map((zone) => {
      const range = [zone[LOW], zone[HIGH]].map((value) => own.numbers.number(value, decimals)).join(" – ");
      const moments = Object.entries(zone[EVENTS]).map(([name, ms]) => `${name} ${clock(ms)}`);
      const told = [`drawn from ${clock(zone[FROM])}`, `known at ${clock(zone[KNOWN])}`, ...moments];
      return `${zone[NAME]} ${range} · ${told.join(" · ")}`;
    });
  }

  /** Time of day of a moment; closes are a millisecond before the time a person says. */
  function clock(ms) {
    return new Date(Math.round(ms / 1000) * 1000).toISOString().slice(5, 16).replace("T", " ");
  }

  function line(className, ...children) {
    const made = document.createElement("div");
    made.className = className;
    made.append(...children);
    return made;
  }

  function span(text, className, colour) {
    const made = document.createElement("span");
    made.className = className;
    made.textContent = text;
    if (colour) {
      made.style.color = colour;
    }
    return made;
  }

  function row(entry, figure, timeMs) {
    const title = span(entry.title, entry.note ? "legend-title noted" : "legend-title");
    title.title = entry.note;
    const said = parts(entry, figure.data, timeMs, figure.layout.meta.decimals);
    return line("legend-row", title, ...said.map(({ text, colour }) => span(text, "legend-value", colour)));
  }

  function failure({ title, reason }) {
    return line("legend-row failed", span(`${title} failed on this bar: ${reason}`, "legend-value"));
  }

  /** The box of a pane's legend inside the chart's. */
  function boxOf(chart, axis) {
    const found = [...chart.querySelectorAll(":scope > .legend")].find((box) => box.dataset.axis === axis);
    if (found) {
      return found;
    }
    const made = line("legend");
    made.dataset.axis = axis;
    return chart.appendChild(made);
  }

  /**
   * Write every pane's legend.
   *
   * @param {HTMLElement} chart - The box around the plot.
   * @param {HTMLElement} gd - Plotly's element, laid out.
   * @param {Object} figure - What it shows.
   * @param {number} timeMs - Open time of the candle to tell of.
   */
  function show(chart, gd, figure, timeMs) {
    const { legend, failed = [] } = figure.layout.meta;
    const rows = new Map([[PRICE, []]]);
    for (const entry of legend.filter(hasWords)) {
      rows.set(entry.axis, [...(rows.get(entry.axis) ?? []), row(entry, figure, timeMs)]);
    }
    rows.get(PRICE).push(...failed.map(failure));
    for (const box of [...chart.querySelectorAll(":scope > .legend")]) {
      if (!rows.has(box.dataset.axis)) {
        box.remove();
      }
    }
    for (const [axis, written] of rows) {
      const box = boxOf(chart, axis);
      box.replaceChildren(...written);
      place(box, gd, axis, legend.some((entry) => entry.axis === axis && entry.above));
    }
  }

  /** Whether there is a value or a word to tell; zones and markers speak for themselves. */
  function hasWords({ curves, ribbons, words, note }) {
    return curves.length > 0 || ribbons.length > 0 || words !== "" || note !== "";
  }

  function place(box, gd, axis, above) {
    const { _offset } = gd._fullLayout[axis.replace("y", "yaxis")] ?? {};
    if (_offset !== undefined && axis !== PRICE) {
      box.style.top = `${_offset + (above ? -LINE_PX : 1)}px`; // the plot fills the chart's box
    }
  }

  /** Write what is under the pointer, or nothing. */
  function point(chart, words) {
    const box = chart.querySelector(":scope > .zone-words") ?? chart.appendChild(line("zone-words"));
    const text = words.join("\n");
    if (box.textContent !== text) {
      box.textContent = text;
    }
  }

  own.legend = { parts, zonesAt, show, point, brief };
})();
