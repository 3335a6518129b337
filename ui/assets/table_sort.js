/** Tables of pushed HTML that carry `data-sort` are sorted by the column whose head is pressed. */
(() => {
  const own = (window.dash_clientside ??= {});
  const chosen = new Map(); // of a table's name: its column, and whether the largest comes first

  const text = (part) => (typeof part === "string" ? part : part[2].map(text).join(""));

  /** A cell as a number where it begins with one, else as it is spelled. */
  function value(cell) {
    const said = text(cell).trim();
    const figure = Number.parseFloat(said.replace(/[\u2009\u202f ]/g, "").replace("\u2212", "-"));
    return Number.isNaN(figure) ? said : figure;
  }

  /** Whether `a` stands before `b` in rising order; what is no number stands behind all numbers. */
  function compared(a, b) {
    if (typeof a === typeof b) {
      return typeof a === "number" ? a - b : a.localeCompare(b);
    }
    return typeof a === "number" ? -1 : 1;
  }

  /** Rows with those that belong to them: a reason follows what it is about. */
  function groups(rows) {
    const found = [];
    for (const row of rows) {
      if (row[1].class === "reason" && found.length) {
        found.at(-1).push(row);
      } else {
        found.push([row]);
      }
    }
    return found;
  }

  function body(part, { column, falls }) {
    const by = ([row]) => value(row[2][column]);
    const sorted = groups(part[2]).sort((a, b) => {
      const [x, y] = [by(a), by(b)];
      return typeof x === typeof y && falls ? compared(y, x) : compared(x, y);
    });
    return [part[0], part[1], sorted.flat()];
  }

  function head(part, { column, falls }) {
    const cell = ([tag, attributes, kids], i) =>
      i === column ? [tag, { ...attributes, "aria-sort": falls ? "descending" : "ascending" }, kids] : [tag, attributes, kids];
    return [part[0], part[1], part[2].map((row) => [row[0], row[1], row[2].map(cell)])];
  }

  /**
   * What is to be written, with its tables in the chosen order.
   *
   * @param {Array} parts - `[tag, attributes, children]` and strings, as `fragments.parsed` makes.
   * @param {Map} order - By a table's `data-sort`: `{column, falls}`.
   */
  function arranged(parts, order = chosen) {
    return parts.map((part) => {
      if (typeof part === "string") {
        return part;
      }
      const wish = part[0] === "table" && order.get(part[1]["data-sort"]);
      if (!wish) {
        return [part[0], part[1], arranged(part[2], order)];
      }
      const places = { thead: head, tbody: body };
      return [part[0], part[1], part[2].map((kid) => (places[kid[0]] ? places[kid[0]](kid, wish) : kid))];
    });
  }

  /** Sort by the pressed head: figures fall at first, words rise; pressed again, the other way. */
  function pressed(event) {
    const cell = event.target.closest?.("table[data-sort] th button")?.closest("th");
    if (!cell) {
      return;
    }
    const name = cell.closest("table").dataset.sort;
    const before = chosen.get(name);
    const falls = before?.column === cell.cellIndex ? !before.falls : cell.cellIndex > 0;
    chosen.set(name, { column: cell.cellIndex, falls });
    own.fragments.again(cell);
  }

  document.addEventListener("click", pressed);

  own.table_sort = { arranged, compared };
})();
