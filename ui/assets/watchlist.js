/** All that is followed in one table: mini charts, arrows, a filter, and a click that shows it. */
(() => {
  const own = (window.dash_clientside ??= {});
  const [WIDTH, HEIGHT, PAD] = [112, 24, 2];
  const GRID_MS = 200; // until Dash has loaded the grid
  const FLAT = 0.4 / 6; // a direction begins at 0.4 of full strength, 0 is mixed
  const INTERVALS = ["1m", "5m", "15m", "1h", "4h", "1d"];
  const state = { rows: new Map(), fault: "", filter: "", timer: null };
  const element = (id) => document.getElementById(id);

  /**
   * The path of a mini chart.
   *
   * @param {{points: number[], low: number, high: number}} spark - Heights of 0 to 100.
   * @param {?number} last - The price now, drawn behind the closes; may lie beyond them.
   * @returns {{line: string, rises: boolean}} Empty of a single point.
   */
  function path({ points, low, high }, last) {
    const span = high - low || 1;
    const heights = last === null || last === undefined ? points : [...points, ((last - low) / span) * 100];
    if (heights.length < 2) {
      return { line: "", rises: true };
    }
    const [least, most] = [Math.min(...heights), Math.max(...heights)];
    const scale = (HEIGHT - 2 * PAD) / (most - least || 1);
    const step = WIDTH / (heights.length - 1);
    const at = heights.map((height, i) => `${(i * step).toFixed(1)},${(HEIGHT - PAD - (height - least) * scale).toFixed(1)}`);
    return { line: `M${at.join("L")}`, rises: heights.at(-1) >= heights[0] };
  }

  /** One arrow per timeframe; a dash where it is not known. */
  function arrows(alignment) {
    return INTERVALS.map((_, i) => {
      const side = alignment?.[i];
      return side === null || side === undefined ? "–" : side > FLAT ? "▲" : side < -FLAT ? "▼" : "▬";
    });
  }

  /** Known rows with what changed of them. */
  function merged(rows, { whole, symbols, rows: changes }) {
    const known = whole ? new Map() : rows;
    for (const change of changes) {
      const row = { ...known.get(change.id), ...change };
      Object.assign(row, path(row.spark, row.last));
      row.aligned = row.alignment?.length ? row.alignment.reduce((sum, side) => sum + (side ?? 0), 0) : null;
      known.set(change.id, row);
    }
    return new Map(symbols.filter((symbol) => known.has(symbol)).map((symbol) => [symbol, known.get(symbol)]));
  }

  function take(told) {
    if (told) {
      state.rows = merged(state.rows, told);
      state.fault = told.fault;
      draw();
    }
  }

  function draw() {
    furnish();
    const shown = own.connection.market()?.split("|")[0];
    for (const [symbol, row] of state.rows) {
      if (Boolean(row.shown) !== (symbol === shown)) {
        state.rows.set(symbol, { ...row, shown: symbol === shown });
      }
    }
    clearTimeout(state.timer);
    try {
      const api = window.dash_ag_grid.getApi("watchlist-grid");
      const found = [...state.rows.values()].filter(({ symbol }) => symbol.includes(state.filter));
      api.setGridOption("rowData", found);
      count(found.length);
    } catch {
      state.timer = setTimeout(draw, GRID_MS); // Dash still makes the grid
    }
  }

  function count(seen) {
    const all = state.rows.size;
    element("watchlist-count").textContent = seen === all ? `${all} followed` : `${seen} of ${all}`;
    element("watchlist-fault").textContent = state.fault ? `Scores and regimes cannot be read: ${state.fault}` : "";
  }

  /** Make the filter, once. */
  function furnish() {
    const box = element("watchlist-filter-box");
    if (box && !box.childElementCount) {
      const field = own.nodes.node("input.watchlist-filter", { id: "watchlist-filter", type: "search", placeholder: "Filter", "aria-label": "Filter the watchlist", autocomplete: "off" });
      box.append(field);
      field.addEventListener("input", () => {
        state.filter = field.value.trim().toUpperCase();
        draw();
      });
    }
  }

  function show({ target }) {
    const symbol = target.closest?.("#watchlist-grid .ag-row[row-id]")?.getAttribute("row-id");
    if (symbol && state.rows.has(symbol)) {
      own.set_props("symbol", { value: symbol });
    }
  }

  document.addEventListener("click", show);
  document.addEventListener("keydown", (event) => event.key === "Enter" && show(event));
  document.addEventListener("chart:market", () => state.rows.size && draw());
  own.fast_lane?.serve("watchlist-rows", take); // past the renderer
  own.watchlist = { path, arrows, merged, take };

  const make = (...args) => window.React.createElement(...args);
  window.dashAgGridComponentFunctions = {
    ...window.dashAgGridComponentFunctions,
    WatchlistSpark: ({ value: d, data: { rises } }) => {
      const label = d ? `Last day: ${rises ? "up" : "down"}` : "Not known yet";
      return make("svg", { className: `watchlist-spark ${rises ? "up" : "down"}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, make("path", { d }));
    },
    WatchlistArrows: ({ data }) => {
      const tone = { "▲": "up", "▼": "down" };
      const words = arrows(data.alignment);
      const said = INTERVALS.map((interval, i) => `${interval} ${words[i]}`).join(", ");
      return make("span", { className: "watchlist-arrows", role: "img", title: said, "aria-label": said }, words.map((arrow, i) => make("span", { key: i, className: tone[arrow] ?? "muted" }, arrow)));
    },
  };
  window.dashAgGridFunctions = {
    ...window.dashAgGridFunctions,
    funding: ({ value }) => own.numbers.number(value, 4, true),
    watchlistSignal: ({ value, data }) => (value ? `${own.nodes.arrow(data.signal)}${own.nodes.moment(value).slice(5)}` : "–"),
  };
})();
