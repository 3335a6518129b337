/** The one picture over the chart: drawings, clipped to the price pane, and the crosshair. */
(() => {
  const own = (window.dash_clientside ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const HANDLE_PX = 4;
  const state = { root: null };

  function node(parent, name, attributes = {}, text = null) {
    const made = document.createElementNS(SVG, name);
    set(made, attributes);
    if (text !== null) {
      made.textContent = text;
    }
    parent.append(made);
    return made;
  }

  function set(target, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      target.setAttribute(name, value);
    }
  }

  /** The picture; null before the page is there. */
  function root() {
    const parent = document.getElementById("part-drawings-layer");
    if (!parent) {
      return null;
    }
    if (!state.root || !parent.contains(state.root)) {
      const svg = node(parent, "svg", { class: "drawings-picture", role: "group", "aria-label": "Drawings" });
      const clip = node(node(svg, "defs"), "clipPath", { id: "drawings-clip" });
      const edge = node(clip, "rect");
      const shapes = node(svg, "g", { class: "drawings-shapes", "clip-path": "url(#drawings-clip)" });
      Object.assign(state, { root: svg, edge, shapes });
    }
    return state.root;
  }

  function groupOf(id) {
    const found = [...state.shapes.children].find((one) => one.dataset.drawn === id);
    return found ?? node(state.shapes, "g", { "data-drawn": id, tabindex: "0", role: "img", "aria-roledescription": "drawing" });
  }

  const path = (lines) => lines.map(([x1, y1, x2, y2]) => `M${x1.toFixed(1)},${y1.toFixed(1)}L${x2.toFixed(1)},${y2.toFixed(1)}`).join("");

  function fill(group, picture) {
    const made = document.createDocumentFragment();
    if (picture.box) {
      node(made, "rect", { class: "drawn-area", ...picture.box });
    }
    if (picture.faint.length) {
      node(made, "path", { class: "drawn-faint", d: path(picture.faint) });
    }
    node(made, "path", { class: "drawn-line", d: path(picture.lines) });
    for (const { x, y, text, middle } of picture.texts) {
      node(made, "text", { class: "drawn-text", x, y, "text-anchor": middle ? "middle" : "start" }, text);
    }
    for (const [cx, cy] of picture.handles) {
      node(made, "circle", { class: "drawn-handle", cx, cy, r: HANDLE_PX });
    }
    group.replaceChildren(made);
  }

  /**
   * Draw the drawings.
   *
   * @param {Object[]} shapes
   * @param {Object} pane - Of `own.chart.place()`.
   * @param {{decimals: number, intervalMs: number}} market
   * @param {?string} selected - Id of the one with handles.
   */
  function draw(shapes, pane, market, selected) {
    if (!root()) {
      return;
    }
    set(state.edge, { x: pane.left, y: pane.top, width: Math.max(0, pane.width), height: Math.max(0, pane.height) });
    const known = new Set(shapes.map(({ id }) => id));
    [...state.shapes.children].filter((one) => !known.has(one.dataset.drawn)).forEach((one) => one.remove());
    for (const shape of shapes) {
      const picture = own.drawing_shapes.drawn(shape, pane, market);
      const seen = picture !== null && own.drawing_shapes.isSeen(picture, pane);
      const group = groupOf(shape.id);
      group.style.display = seen ? "" : "none";
      if (seen) {
        const tone = picture.tone ? ` ${picture.tone}` : "";
        set(group, {
          class: `drawn ${shape.kind}${tone}${shape.id === selected ? " selected" : ""}`,
          "aria-label": own.drawing_shapes.words(shape, market.decimals),
        });
        fill(group, picture);
      }
    }
  }

  /** Take the drawings away, while there is no market to draw them on. */
  function clear() {
    state.shapes?.replaceChildren();
  }

  /** Put the keyboard's focus on a drawing. */
  function focus(id) {
    if (root()) {
      groupOf(id).focus({ preventScroll: true });
    }
  }

  own.drawing_layer = { root, node, set, draw, clear, focus };
})();
