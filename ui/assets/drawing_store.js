/** The drawings this browser keeps, by symbol. Several tabs may change them at once. */
(() => {
  const own = (window.dash_clientside ??= {});
  const MOST = 200; // of one symbol: beyond, drawing them would be felt and nobody reads them
  const LATEST_MS = 2 ** 53; // as far as whole numbers reach
  const LONGEST_ID = 40;
  const PREFIX = "drawings:";

  const keyOf = (symbol) => PREFIX + symbol;

  function isPoint(value) {
    return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && Math.abs(value[0]) < LATEST_MS;
  }

  function isShape(value) {
    const { id, kind, points } = value ?? {};
    const isNamed = typeof id === "string" && id.length > 0 && id.length <= LONGEST_ID;
    return isNamed && Object.hasOwn(own.drawing_shapes.KINDS, kind) && Array.isArray(points) && points.length === 2 && points.every(isPoint);
  }

  /**
   * Read what was kept.
   *
   * @param {?string} text
   * @returns {{shapes: Object[], isSound: boolean}} The drawings that can be read; not sound where
   *   there was something else besides.
   */
  function parsed(text) {
    if (text === null) {
      return { shapes: [], isSound: true };
    }
    try {
      const value = JSON.parse(text);
      const found = Array.isArray(value) ? value.filter(isShape) : [];
      const shapes = [...new Map(found.map(({ id, kind, points }) => [id, { id, kind, points }])).values()].slice(0, MOST);
      return { shapes, isSound: Array.isArray(value) && shapes.length === value.length };
    } catch {
      return { shapes: [], isSound: false };
    }
  }

  /** The drawings with one more or another in its place; null when there is no room for one more. */
  function put(shapes, shape) {
    const isNew = !shapes.some(({ id }) => id === shape.id);
    if (isNew) {
      return shapes.length < MOST ? [...shapes, shape] : null;
    }
    return shapes.map((one) => (one.id === shape.id ? shape : one));
  }

  const without = (shapes, id) => shapes.filter((one) => one.id !== id);

  /** The drawings of a symbol; what cannot be read is set aside, where a person may look at it. */
  function read(symbol) {
    try {
      const text = localStorage.getItem(keyOf(symbol));
      const { shapes, isSound } = parsed(text);
      if (!isSound) {
        localStorage.setItem(`set-aside:${keyOf(symbol)}`, text);
        write(symbol, shapes);
      }
      return shapes;
    } catch {
      return []; // this browser keeps nothing
    }
  }

  /** Keep the drawings of a symbol; false when this browser does not. */
  function write(symbol, shapes) {
    try {
      if (shapes.length) {
        localStorage.setItem(keyOf(symbol), JSON.stringify(shapes));
      } else {
        localStorage.removeItem(keyOf(symbol));
      }
      return true;
    } catch {
      return false;
    }
  }

  own.drawing_store = { MOST, keyOf, parsed, put, without, read, write };
})();
