/**
 * How high the panes below the price are: dragged at their upper edges, remembered per browser.
 *
 * Heights are shares of the plot, by what a pane shows; the server's are taken for the others.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const KEY = "pane-heights";
  const PRICE_LEAST = 0.35; // of the plot
  const LEAST = 0.03;
  const STEP = 0.02; // of an arrow key
  const BELOW_PX = 4; // the end of the pane above: words of the pane below may stand in the gap
  const LEGIBLE_ROW = 0.014; // as in ui/figures/panes.py
  const [AXIS, KIND] = [0, 1]; // of `meta.panes`
  const state = { drag: null, frame: null };
  const element = (id) => document.getElementById(id);
  const heightOf = ([low, high]) => high - low;
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /** Only what can be a height, of what a browser kept. */
  function sound(kept) {
    return Object.fromEntries(Object.entries(kept).filter(([, share]) => share >= LEAST && share <= 1 - PRICE_LEAST));
  }

  /**
   * Where each pane begins and ends.
   *
   * @param {Object<string, number[]>} given - Domains by axis, as the server shares them out.
   * @param {Array[]} panes - `[axis, kind]` of those below the price, from the top.
   * @param {Object<string, number>} shares - Heights by kind; others keep their own.
   * @returns {Object<string, number[]>} Domains by axis; price keeps at least 35 %.
   */
  function domains(given, panes, shares) {
    if (!panes.some(([, kind]) => kind in shares)) {
      return given;
    }
    const above = ["yaxis", ...panes.map(([axis]) => axis)];
    const gaps = panes.map(([axis], i) => given[above[i]][0] - given[axis][1]);
    const heights = panes.map(([axis, kind]) => shares[kind] ?? heightOf(given[axis]));
    const scale = Math.min(1, (1 - PRICE_LEAST - sum(gaps)) / sum(heights));
    let bottom = Math.min(1 - PRICE_LEAST, sum(heights) * scale + sum(gaps));
    const found = { yaxis: [bottom, 1] };
    panes.forEach(([axis], i) => {
      const top = bottom - gaps[i];
      bottom = Math.max(0, top - heights[i] * scale);
      found[axis] = [bottom, top];
    });
    return found;
  }

  /**
   * Heights after the upper edge of a pane went up; the pane above gives what this one takes.
   *
   * @param {number} price - Height of the price pane.
   * @param {number[]} heights - Of the panes below it, from the top.
   * @param {number} i - Whose edge it is.
   * @param {number} by - How far up; negative for down.
   */
  function moved(price, heights, i, by) {
    const [above, least] = i ? [heights[i - 1], Math.min(LEAST, heights[i - 1])] : [price, Math.min(PRICE_LEAST, price)];
    const most = above - least;
    const fewest = Math.min(0, LEAST - heights[i]);
    const step = Math.max(fewest, Math.min(most, by));
    return heights.map((height, at) => height + (at === i ? step : at === i - 1 ? -step : 0));
  }

  const shares = () => sound(own.early?.kept(KEY) ?? {});

  /** What a layout says of its panes, with the domains it came with. */
  function panesOf(layout) {
    const { panes = [] } = layout?.meta ?? {};
    return { panes, given: layout?.meta?.domains ?? {} };
  }

  /** Give the panes of a figure that arrived the heights this viewer chose. */
  function apply(layout) {
    const { panes = [] } = layout.meta;
    if (!panes.length) {
      return;
    }
    const given = Object.fromEntries(["yaxis", ...panes.map(([axis]) => axis)].map((axis) => [axis, layout[axis].domain]));
    layout.meta.domains = given;
    for (const [axis, domain] of Object.entries(domains(given, panes, shares()))) {
      Object.assign(layout[axis], { domain, ...rowNames(layout[axis], domain) });
    }
  }

  /** Whether the names of a strip's rows are told: not where they would overlap. */
  function rowNames({ ticktext }, domain) {
    return ticktext ? { showticklabels: heightOf(domain) >= LEGIBLE_ROW * ticktext.length } : {};
  }

  /** Draw the panes as high as they are chosen now. */
  function redraw() {
    const gd = own.chart.plot();
    const { panes, given } = panesOf(gd?.layout);
    if (!panes.length) {
      return;
    }
    const change = {};
    for (const [axis, domain] of Object.entries(domains(given, panes, state.drag?.shares ?? shares()))) {
      change[`${axis}.domain`] = domain;
      for (const [name, value] of Object.entries(rowNames(gd.layout[axis], domain))) {
        change[`${axis}.${name}`] = value;
      }
    }
    window.Plotly.relayout(gd, change);
  }

  /** Shares after the edge of a pane went up from where the panes are now. */
  function chosen(gd, kind, by, from = gd._fullLayout) {
    const { panes } = panesOf(gd.layout);
    const heights = panes.map(([axis]) => heightOf(from[axis].domain));
    const i = panes.findIndex((pane) => pane[KIND] === kind);
    const after = moved(heightOf(from.yaxis.domain), heights, i, by);
    const mine = panes.slice(Math.max(0, i - 1), i + 1);
    return { ...shares(), ...Object.fromEntries(mine.map((pane) => [pane[KIND], after[panes.indexOf(pane)]])) };
  }

  function forget(kind) {
    const { panes } = panesOf(own.chart.plot()?.layout);
    const i = panes.findIndex((pane) => pane[KIND] === kind);
    const left = shares();
    panes.slice(Math.max(0, i - 1), i + 1).forEach((pane) => delete left[pane[KIND]]);
    own.early.keep(KEY, left);
    redraw();
  }

  function press({ target, pointerId, clientY, button }) {
    const edge = target.closest?.(".pane-edge");
    const gd = own.chart.plot();
    if (!edge || !gd || button) {
      return;
    }
    edge.setPointerCapture(pointerId);
    edge.classList.add("dragged");
    const { panes } = panesOf(gd.layout);
    const from = Object.fromEntries(["yaxis", ...panes.map((pane) => pane[AXIS])].map((axis) => [axis, { domain: [...gd._fullLayout[axis].domain] }]));
    state.drag = { edge, from, y: clientY, shares: null };
  }

  function drag({ clientY }) {
    const gd = own.chart.plot();
    if (!state.drag || !gd) {
      return;
    }
    const by = (state.drag.y - clientY) / gd._fullLayout._size.h;
    state.drag.shares = chosen(gd, state.drag.edge.dataset.kind, by, state.drag.from);
    state.frame ??= requestAnimationFrame(() => {
      state.frame = null;
      redraw();
    });
  }

  function release() {
    const { edge, shares: found } = state.drag ?? {};
    state.drag = null;
    edge?.classList.remove("dragged");
    if (found) {
      own.early.keep(KEY, sound(found));
      redraw();
    }
  }

  const KEYS = { ArrowUp: STEP, ArrowDown: -STEP };

  function key(event) {
    const edge = event.target.closest?.(".pane-edge");
    const gd = own.chart.plot();
    if (!edge || !gd) {
      return;
    }
    if (event.key in KEYS) {
      event.preventDefault();
      own.early.keep(KEY, sound(chosen(gd, edge.dataset.kind, KEYS[event.key])));
      redraw();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      forget(edge.dataset.kind);
    }
  }

  function made(kind) {
    const edge = document.createElement("div");
    edge.className = "pane-edge";
    edge.tabIndex = 0;
    edge.dataset.kind = kind;
    edge.title = "Drag, or ↑ and ↓, to change the height; double click to reset";
    edge.setAttribute("role", "separator");
    edge.setAttribute("aria-orientation", "horizontal");
    return edge;
  }

  const named = (kind) => `Height of ${kind.replace(/[-_]/g, " ")}`;

  /** Put an edge above each pane that is drawn. */
  function place() {
    const [gd, box, outer] = [own.chart.plot(), element("pane-edges"), element("chart-box")];
    const layout = gd?._fullLayout;
    if (!box || !layout?.yaxis) {
      return;
    }
    const panes = panesOf(gd.layout).panes.filter(([axis]) => layout[axis]?._length);
    const shift = gd.getBoundingClientRect().top - outer.getBoundingClientRect().top;
    const before = new Map([...box.children].map((edge) => [edge.dataset.kind, edge]));
    const edges = panes.map(([axis, kind], i) => {
      const edge = before.get(kind) ?? made(kind);
      const upper = layout[i ? panes[i - 1][AXIS] : "yaxis"];
      const end = upper._offset + upper._length;
      edge.style.top = `${shift + end + Math.min(BELOW_PX, (layout[axis]._offset - end) / 2)}px`;
      edge.setAttribute("aria-label", named(kind));
      for (const [name, share] of [["now", heightOf(layout[axis].domain)], ["min", LEAST], ["max", 1 - PRICE_LEAST]]) {
        edge.setAttribute(`aria-value${name}`, String(Math.round(100 * share)));
      }
      return edge;
    });
    if (edges.length !== box.children.length || edges.some((edge, i) => edge !== box.children[i])) {
      box.replaceChildren(...edges);
    }
  }

  document.addEventListener("chart:drawn", place);
  document.addEventListener("pointerdown", press);
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", release);
  document.addEventListener("pointercancel", release);
  document.addEventListener("keydown", key);
  document.addEventListener("dblclick", ({ target }) => {
    const edge = target.closest?.(".pane-edge");
    if (edge) {
      forget(edge.dataset.kind);
    }
  });

  own.pane_heights = { domains, moved, sound, apply };
})();
