/**
 * What drawings look like and where they are touched. Pure.
 *
 * A drawing is `{id, kind, points}` with two points `[ms, price]`; a pane is what
 * `own.chart.place()` answers. All pixels are those of the chart's box.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const KINDS = {
    line: "Line",
    ray: "Ray",
    rectangle: "Rectangle",
    fib: "Fibonacci retracement",
    measure: "Measure",
  };
  // Ratios traders customarily draw; 0 is the end of the move, 1 its beginning.
  const LEVELS = [0, 0.236, 0.382, 0.5, 0.618, 0.786, 1];
  const REACH_PX = 6; // beside a line that still touches it
  const HANDLE_PX = 9;
  const TEXT_PX = 4; // between a line and the words on it
  const LABEL_PX = 18;
  const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

  /** The open time of the candle nearest to a moment. */
  const snapped = (ms, intervalMs) => Math.round(ms / intervalMs) * intervalMs;

  /** Where a ray from `a` through `b` leaves the pane; `b` itself where it has no direction. */
  function rayEnd(a, b, pane) {
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const edge = (from, step, low, high) => (step > 0 ? (high - from) / step : step < 0 ? (low - from) / step : Infinity);
    const length = Math.min(
      edge(a[0], dx, pane.left, pane.left + pane.width),
      edge(a[1], dy, pane.top, pane.top + pane.height),
    );
    return Number.isFinite(length) && length > 1 ? [a[0] + dx * length, a[1] + dy * length] : b;
  }

  /** A length of time in its two largest units: "3 d 4 h", "23 min". */
  function span(ms) {
    const size = Math.abs(ms);
    const [days, hours, minutes] = [Math.floor(size / DAY), Math.floor(size / HOUR) % 24, Math.floor(size / MINUTE) % 60];
    const parts = [[days, "d"], [hours, "h"], [minutes, "min"]].filter(([value]) => value > 0).slice(0, 2);
    return parts.map(([value, unit]) => `${value} ${unit}`).join(" ") || "0 min";
  }

  /** Price difference, share, candles and time between two points, in words. */
  function measured([[fromMs, from], [toMs, to]], { decimals, intervalMs }) {
    const { number } = own.numbers;
    const share = from > 0 ? ` (${number((100 * (to - from)) / from, 2, true)} %)` : "";
    const bars = Math.round((toMs - fromMs) / intervalMs);
    const word = Math.abs(bars) === 1 ? "bar" : "bars";
    return [`${number(to - from, decimals, true)}${share}`, `${number(bars, 0)} ${word} · ${span(toMs - fromMs)}`];
  }

  const box = (a, b) => ({
    x: Math.min(a[0], b[0]),
    y: Math.min(a[1], b[1]),
    width: Math.abs(a[0] - b[0]),
    height: Math.abs(a[1] - b[1]),
  });

  const edges = ({ x, y, width, height }) => [
    [x, y, x + width, y],
    [x, y + height, x + width, y + height],
    [x, y, x, y + height],
    [x + width, y, x + width, y + height],
  ];

  function levels({ points }, pane, { decimals }, [a, b]) {
    const [[, from], [, to]] = points;
    const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
    const rows = LEVELS.map((ratio) => {
      const price = to + (from - to) * ratio;
      return { ratio, price, y: pane.y(price) };
    });
    return {
      lines: rows.map(({ y }) => [left, y, right, y]),
      faint: [[...a, ...b]],
      box: null,
      texts: rows.map(({ ratio, price, y }) => ({
        x: left + TEXT_PX, y: y - TEXT_PX, text: `${ratio}  ${own.numbers.number(price, decimals)}`,
      })),
    };
  }

  function measure({ points }, pane, market, [a, b]) {
    const area = box(a, b);
    const up = points[1][1] >= points[0][1];
    const middle = [area.x + area.width / 2, area.y + area.height / 2];
    const words = measured(points, market);
    const above = area.y - pane.top > LABEL_PX * 2; // else the words would leave the pane
    const first = up && above ? area.y - LABEL_PX - TEXT_PX : area.y + area.height + LABEL_PX - TEXT_PX;
    return {
      lines: [[a[0], middle[1], b[0], middle[1]], [middle[0], a[1], middle[0], b[1]]],
      faint: edges(area),
      box: area,
      texts: words.map((text, i) => ({ x: middle[0], y: first + i * 15, text, middle: true })),
      tone: up ? "rises" : "falls",
    };
  }

  /**
   * A drawing in pixels.
   *
   * @param {Object} shape
   * @param {Object} pane
   * @param {{decimals: number, intervalMs: number}} market
   * @returns {?{handles: number[][], lines: number[][], faint: number[][], box: ?Object,
   *   texts: Object[], tone: (string|undefined)}} Null where the pane has no place for it, such as
   *   a price below zero on a logarithmic axis. Lines are `[x1, y1, x2, y2]`.
   */
  function drawn(shape, pane, market) {
    const handles = shape.points.map(([ms, price]) => [pane.x(ms), pane.y(price)]);
    if (!handles.flat().every(Number.isFinite)) {
      return null;
    }
    const [a, b] = handles;
    const made = { handles, faint: [], box: null, texts: [] };
    if (shape.kind === "line") {
      return { ...made, lines: [[...a, ...b]] };
    }
    if (shape.kind === "ray") {
      return { ...made, lines: [[...a, ...rayEnd(a, b, pane)]] };
    }
    if (shape.kind === "rectangle") {
      return { ...made, lines: edges(box(a, b)), box: box(a, b) };
    }
    return { ...made, ...(shape.kind === "fib" ? levels : measure)(shape, pane, market, handles) };
  }

  /** Whether any of it is inside the pane. */
  function isSeen({ lines, faint }, { left, top, width, height }) {
    const all = [...lines, ...faint];
    const [xs, ys] = [all.flatMap(([x1, , x2]) => [x1, x2]), all.flatMap(([, y1, , y2]) => [y1, y2])];
    const reaches = (values, from, to) => Math.max(...values) >= from && Math.min(...values) <= to;
    return reaches(xs, left, left + width) && reaches(ys, top, top + height);
  }

  /** Distance of a point from a stretch of a line. */
  function distance([x1, y1, x2, y2], x, y) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = dx * dx + dy * dy;
    const along = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
  }

  /**
   * Which part of a drawing is at a place.
   *
   * @returns {?(number|string)} Number of the end, "whole", or null beside it.
   */
  function touched({ handles, lines, faint }, x, y) {
    const end = handles.findLastIndex(([hx, hy]) => Math.hypot(hx - x, hy - y) <= HANDLE_PX);
    if (end >= 0) {
      return end;
    }
    return [...lines, ...faint].some((line) => distance(line, x, y) <= REACH_PX) ? "whole" : null;
  }

  /**
   * The drawing at a place: the selected one first, else the newest.
   *
   * @param {?string} selected - Id of the one whose ends show handles; others move as a whole.
   * @returns {?{shape: Object, part: number|string}}
   */
  function found(shapes, selected, x, y, pane, market) {
    const newest = shapes.toReversed();
    const ordered = [...newest.filter(({ id }) => id === selected), ...newest.filter(({ id }) => id !== selected)];
    for (const shape of ordered) {
      const picture = drawn(shape, pane, market);
      const part = picture && touched(picture, x, y);
      if (part !== null) {
        return { shape, part: shape.id === selected ? part : "whole" };
      }
    }
    return null;
  }

  /**
   * A drawing moved by time and by pixels of height: on a logarithmic axis a price difference
   * would not keep its form.
   *
   * @param {number|string} part - As `touched` names it.
   */
  function moved(shape, part, byMs, byPx, pane) {
    const at = ([ms, price]) => [ms + byMs, pane.price(pane.y(price) + byPx)];
    return { ...shape, points: shape.points.map((point, i) => (part === "whole" || part === i ? at(point) : point)) };
  }

  /** A drawing for who does not see it. */
  function words({ kind, points }, decimals) {
    const ends = points.map(([ms, price]) => {
      const when = new Date(ms).toISOString().slice(0, 16).replace("T", " ");
      return `${own.numbers.number(price, decimals)} at ${when}`;
    });
    return `${KINDS[kind]} from ${ends[0]} to ${ends[1]}`;
  }

  own.drawing_shapes = { KINDS, snapped, span, measured, drawn, isSeen, touched, found, moved, words };
})();
