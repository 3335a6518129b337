/** Drawing on the chart: tools, the pointer while one is at work, keys, what is kept. */
(() => {
  const own = (window.dash_clientside ??= {});
  const CLICK_PX = 4; // less than that between down and up is a click
  const STEP_PX = 4; // of an arrow key
  const TOUCHES = ["mousedown", "touchstart", "click", "dblclick"]; // what Plotly hears besides
  const state = { symbol: null, shapes: [], tool: null, draft: null, held: null, selected: null, mine: false, after: null };
  const element = (id) => document.getElementById(id);

  const shapes = () => own.drawing_shapes;
  const store = () => own.drawing_store;

  /** What the chart shows, as drawings need it; null before there is a market. */
  function market() {
    const [symbol, interval] = own.chart.market()?.split("|") ?? [];
    const intervalMs = own.clock.INTERVALS_MS[interval];
    return intervalMs ? { symbol, intervalMs, decimals: own.chart.decimals() } : null;
  }

  /** All that is drawn now, with what is being drawn. */
  function shown() {
    const changed = state.held?.shape ?? null;
    const kept = state.shapes.map((one) => (one.id === changed?.id ? changed : one));
    return state.draft ? [...kept, state.draft.shape] : kept;
  }

  function draw() {
    const [pane, now] = [own.chart.place(), market()];
    if (!pane || !now) {
      own.drawing_layer.clear();
      return;
    }
    if (now.symbol !== state.symbol) {
      Object.assign(state, { symbol: now.symbol, shapes: store().read(now.symbol), draft: null, held: null, selected: null });
    }
    own.drawing_layer.draw(shown(), pane, now, state.draft?.shape.id ?? state.selected);
    own.drawing_bar.show(state.tool, state.shapes.length);
  }

  /** Change what is kept: as it is by now, for another tab may have changed it meanwhile. */
  function change(changed) {
    const kept = changed(store().read(state.symbol));
    if (kept === null) {
      say(`${state.symbol} has ${store().MOST} drawings. Erase one before drawing another.`);
      return false;
    }
    state.shapes = kept;
    if (!store().write(state.symbol, kept)) {
      say("This browser keeps no more drawings; these are gone when the page is closed.");
    }
    return true;
  }

  function say(text) {
    own.notifications?.tell({ tone: "warning", title: "Drawings", text });
  }

  function erase(id) {
    change((kept) => store().without(kept, id));
    state.selected = state.selected === id ? null : state.selected;
    draw();
  }

  function select(id) {
    if (state.selected !== id) {
      state.selected = id;
      draw();
    }
  }

  /** Take up a tool, or put the tool down with null. */
  function use(tool, isOwn = true) {
    Object.assign(state, { tool, draft: null, selected: tool ? null : state.selected });
    element("chart-box")?.classList.toggle("drawing", tool !== null);
    element("chart-box")?.classList.toggle("erasing", tool === "erase");
    if (isOwn) {
      own.chart_links?.tell({ about: "tool", tool });
    }
    draw();
  }

  /** Where the pointer is: pixels of the chart's box, and what they mean there. */
  function spot(event) {
    const [pane, now] = [own.chart.place(), market()];
    if (!pane || !now) {
      return null;
    }
    const { left, top } = element("chart-box").getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const within = (value, from, length) => Math.min(Math.max(value, from), from + length);
    const inside = x === within(x, pane.left, pane.width) && y === within(y, pane.top, pane.height);
    const ms = shapes().snapped(pane.time(within(x, pane.left, pane.width)), now.intervalMs);
    return { x, y, inside, pane, now, point: [ms, pane.price(within(y, pane.top, pane.height))] };
  }

  function under({ x, y, inside, pane, now }) {
    return inside ? shapes().found(state.shapes, state.selected, x, y, pane, now) : null;
  }

  function pressed(event) {
    const isChart = event.button === 0 && event.target.closest?.("#price-chart") && !event.target.closest(".modebar");
    const at = isChart ? spot(event) : null;
    clearTimeout(state.after); // a busy page hears the next press before the timer of the last release
    state.mine = at !== null && begin(at);
    if (state.mine) {
      event.preventDefault(); // the mouse events of it as well
      event.stopPropagation();
      element("chart-box").setPointerCapture(event.pointerId);
    }
  }

  /** Begin what a press means; false where it is the chart's. */
  function begin(at) {
    const found = under(at);
    if (state.tool === "erase") {
      if (found) {
        erase(found.shape.id);
      }
      return true;
    }
    if (state.tool) {
      if (at.inside) {
        mark(at);
      }
      return true;
    }
    select(found?.shape.id ?? null);
    if (found) {
      state.held = { ...found, from: at, was: found.shape };
      own.drawing_layer.focus(found.shape.id);
    }
    return found !== null;
  }

  /** Set a point of what is being drawn: the first, or the last. */
  function mark(at) {
    if (state.draft) {
      finish(at);
      return;
    }
    const id = [...crypto.getRandomValues(new Uint32Array(3))].map((one) => one.toString(36)).join("");
    state.draft = { from: at, shape: { id, kind: state.tool, points: [at.point, at.point] } };
    draw();
  }

  function finish(at) {
    const { shape } = state.draft;
    const made = { ...shape, points: [shape.points[0], at.point] };
    const isPoint = String(made.points[0]) === String(made.points[1]);
    use(null);
    if (!isPoint && change((kept) => store().put(kept, made))) {
      state.selected = made.id;
      draw();
      own.drawing_layer.focus(made.id);
    }
  }

  function moved(event) {
    if (!state.held && !state.draft && !event.target.closest?.("#price-chart")) {
      return;
    }
    const at = spot(event);
    if (!at) {
      return;
    }
    if (state.held) {
      hold(at);
    } else if (state.draft) {
      state.draft.shape = { ...state.draft.shape, points: [state.draft.shape.points[0], at.point] };
    } else {
      element("chart-box").classList.toggle("over-drawing", event.buttons === 0 && under(at) !== null);
      return;
    }
    draw();
    own.crosshair?.point({ ms: at.point[0], price: at.point[1] });
  }

  function hold(at) {
    const { was, part, from } = state.held;
    const byMs = at.point[0] - from.point[0];
    state.held.shape = shapes().moved(was, part, byMs, at.y - from.y, at.pane);
  }

  function released(event) {
    if (!state.mine) {
      return;
    }
    const at = spot(event);
    const far = (from) => at && Math.hypot(at.x - from.x, at.y - from.y) > CLICK_PX;
    if (state.held) {
      const { shape, from } = state.held;
      state.held = null;
      if (far(from)) {
        change((kept) => store().put(kept, shape));
      }
      draw();
    } else if (state.draft && far(state.draft.from) && event.type === "pointerup") {
      finish(at);
    }
    state.after = setTimeout(() => {
      state.mine = false; // after the click that follows
    });
  }

  /** Keep from Plotly what was pressed for us. */
  function kept(event) {
    if (state.mine && event.target.closest?.("#chart-box")) {
      event.stopPropagation();
      event.preventDefault();
    }
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function keyed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const focused = event.target.dataset?.drawn;
    const isField = event.target.closest?.("input, textarea, select, [contenteditable='true']");
    if (event.key === "Escape" && (state.tool || state.selected)) {
      use(null);
      select(null);
      event.target.blur?.();
    } else if (["Delete", "Backspace"].includes(event.key) && state.selected && !isField) {
      erase(state.selected);
    } else if (focused && ARROWS[event.key]) {
      nudge(focused, ARROWS[event.key], event.shiftKey);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Move a drawing by a candle or a few pixels; with Shift only its end. */
  function nudge(id, [candles, steps], endOnly) {
    const [pane, now, shape] = [own.chart.place(), market(), state.shapes.find((one) => one.id === id)];
    if (pane && now && shape) {
      const made = shapes().moved(shape, endOnly ? 1 : "whole", candles * now.intervalMs, steps * STEP_PX, pane);
      change((kept) => store().put(kept, made));
      draw();
    }
  }

  /** Erase every drawing of the shown symbol. */
  function clear() {
    change(() => []);
    select(null);
    draw();
  }

  /** The focus selects; elsewhere on the page the keys are not for drawings. */
  function focused({ target }) {
    if (target.dataset?.drawn || !target.closest?.("#chart-box")) {
      select(target.dataset?.drawn ?? null);
    }
  }

  function stored({ key }) {
    if (state.symbol && (key === null || key === store().keyOf(state.symbol))) {
      state.shapes = store().read(state.symbol);
      draw();
    }
  }

  /** Follow Plotly while the viewer pans: it tells the end of it alone as drawn. */
  function redrawn() {
    const gd = own.chart.plot();
    if (gd?.on && !gd.isDrawnOver) {
      gd.isDrawnOver = true;
      gd.on("plotly_relayouting", draw);
    }
    draw();
  }

  document.addEventListener("chart:drawn", redrawn);
  document.addEventListener("pointerdown", pressed, true);
  document.addEventListener("pointermove", moved);
  document.addEventListener("pointerup", released, true);
  document.addEventListener("pointercancel", released, true);
  TOUCHES.forEach((name) => document.addEventListener(name, kept, { capture: true, passive: false }));
  document.addEventListener("keydown", keyed);
  document.addEventListener("focusin", focused);
  window.addEventListener("storage", stored);

  own.drawings = { use, clear, state };
})();
