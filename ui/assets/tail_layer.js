/**
 * What the running candle adds to overlays, dashed: it may still change.
 *
 * Drawn like the running candle itself, in nodes of our own inside Plotly's panes.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const HALF_BAR = 0.375; // as in candle_layer.js
  const [OVERLAY, KIND, COLOUR, OWN_SCALE, FROM, TO] = [0, 1, 2, 3, 4, 5];

  const rounded = (value) => Math.round(value * 10) / 10;

  /**
   * Paths of tails, one per axis, colour and kind.
   *
   * @param {Array[]} tails - `[overlay, kind, colour, ownScale, [ms, value]|null, [ms, value]]`.
   * @param {Object<string, string[]>} axes - Main axis and that of own scales, by overlay.
   * @param {number} settledMs - Open time of the newest candle the figure holds.
   * @param {number} intervalMs - Length of a bar.
   * @param {{x: Function, y: Function}} place - Milliseconds to pixel; axis and value to pixel.
   * @returns {{axis: string, kind: string, colour: string, d: string}[]} In order of appearance.
   */
  function paths(tails, axes, settledMs, intervalMs, place) {
    const drawn = new Map();
    for (const tail of tails) {
      const axis = axes[tail[OVERLAY]]?.[tail[OWN_SCALE] ? 1 : 0];
      if (!axis || tail[TO][0] <= settledMs) {
        continue;
      }
      const key = `${axis} ${tail[KIND]} ${tail[COLOUR]}`;
      const path = drawn.get(key) ?? { axis, kind: tail[KIND], colour: tail[COLOUR], d: "" };
      path.d += tail[KIND] === "bars" ? bar(tail, axis, intervalMs, place) : stroke(tail, axis, intervalMs, place);
      drawn.set(key, path);
    }
    return [...drawn.values()];
  }

  function bar(tail, axis, intervalMs, place) {
    const [ms, value] = tail[TO];
    const [left, right] = [rounded(place.x(ms - HALF_BAR * intervalMs)), rounded(place.x(ms + HALF_BAR * intervalMs))];
    const zero = rounded(place.y(axis, 0));
    return `M${left},${zero}V${rounded(place.y(axis, value))}H${right}V${zero}Z`;
  }

  /** From the closed candle's value to the running one's; where it jumped, a bar's width. */
  function stroke(tail, axis, intervalMs, place) {
    const [ms, value] = tail[TO];
    const from = tail[FROM] ?? [ms - HALF_BAR * intervalMs, value];
    const to = tail[FROM] ? ms : ms + HALF_BAR * intervalMs;
    const point = (at, y) => `${rounded(place.x(at))},${rounded(place.y(axis, y))}`;
    return `M${point(from[0], from[1])}L${point(to, value)}`;
  }

  const layoutName = (axis) => axis.replace("y", "yaxis");

  /** Our group inside the pane of an axis; made again whenever Plotly threw it away. */
  function groupOf(gd, axis) {
    const pane = gd.querySelector(`.overplot > .x${axis}`);
    if (!pane) {
      return null;
    }
    const found = pane.querySelector(":scope > .live-tails");
    if (found) {
      return found;
    }
    const made = document.createElementNS(SVG, "g");
    made.setAttribute("class", "live-tails");
    return pane.appendChild(made);
  }

  /**
   * Draw tails on a plot that Plotly has laid out.
   *
   * @param {HTMLElement} gd - Plotly's element.
   * @param {Array[]} tails - As for `paths`.
   * @param {{axes: Object, settledMs: number, intervalMs: number}} look
   */
  function draw(gd, tails, { axes, settledMs, intervalMs }) {
    const layout = gd._fullLayout;
    const drawn = paths(tails, axes, settledMs, intervalMs, {
      x: (ms) => layout.xaxis.c2p(ms),
      y: (axis, value) => layout[layoutName(axis)]?.c2p(value) ?? NaN,
    }).filter(({ d }) => !d.includes("NaN"));
    const state = (gd.liveTails ??= { key: "", nodes: [] });
    const key = drawn.map(({ axis, kind, colour }) => `${axis} ${kind} ${colour}`).join();
    if (key !== state.key || !state.nodes.every((node) => gd.contains(node))) {
      state.nodes.forEach((node) => node.remove());
      state.nodes = drawn.map((path) => made(gd, path)).filter((node) => node);
      state.key = state.nodes.length === drawn.length ? key : "";
    }
    if (state.key === key) {
      drawn.forEach(({ d }, i) => state.nodes[i].setAttribute("d", d));
    }
  }

  function made(gd, { axis, kind, colour }) {
    const group = groupOf(gd, axis);
    if (!group) {
      return null;
    }
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", `live-tail ${kind}`);
    path.style.stroke = colour;
    path.style.fill = kind === "bars" ? colour : "none";
    return group.appendChild(path);
  }

  own.tail_layer = { paths, draw };
})();
