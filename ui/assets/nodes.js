/** Elements made of data: every text goes in as text, never as markup. */
(() => {
  const own = (window.dash_clientside ??= {});

  /**
   * Make an element.
   *
   * @param {string} tag - Its name, with classes after dots: `span.muted.small`.
   * @param {?(string|object)} about - Text, or attributes of which `text` is the text.
   * @param {...?Node} children - Nulls are left out.
   */
  function node(tag, about = null, ...children) {
    const [name, ...classes] = tag.split(".");
    const made = document.createElement(name);
    made.className = classes.filter(Boolean).join(" ");
    const { text = null, ...attributes } = typeof about === "object" && about !== null ? about : { text: about };
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) {
        made.setAttribute(key, value === true ? "" : String(value));
      }
    }
    if (text !== null) {
      made.textContent = text;
    }
    made.append(...children.filter(Boolean));
    return made;
  }

  /** A list of labels and values; values are texts or nodes. */
  function pairs(rows) {
    const cells = rows.filter(Boolean).flatMap(([label, value, tone = ""]) => [
      node("dt", label),
      value instanceof Node ? node("dd", null, value) : node(`dd.${tone}`, String(value)),
    ]);
    return node("dl.figures", null, ...cells);
  }

  const number = (...args) => own.numbers.number(...args);
  const tone = (value) => (value > 0 ? "up" : value < 0 ? "down" : "");
  const arrow = (direction) => ({ LONG: "▲ ", SHORT: "▼ " })[direction] ?? "";
  const toneOf = (direction) => ({ LONG: "up", SHORT: "down" })[direction] ?? "";

  /** A moment in UTC: `2026-11-21 12:45`. */
  function moment(ms) {
    return ms === null || ms === undefined ? "–" : new Date(ms).toISOString().slice(0, 16).replace("T", " ");
  }

  /** Dollars of a question: small ones keep two significant digits. */
  function dollars(usd) {
    return usd === 0 ? "$0" : usd < 0.01 ? `$${Number(usd.toPrecision(2)).toFixed(6).replace(/0+$/, "")}` : `$${usd.toFixed(2)}`;
  }

  /** A time that something took. */
  function took(ms) {
    return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
  }

  /** A fact with five significant digits, as the question prints it. */
  function fact(value) {
    if (value === null || value === undefined) {
      return "–";
    }
    const size = Math.abs(value);
    const places = size === 0 ? 0 : Math.max(0, Math.min(8, 4 - Math.floor(Math.log10(size))));
    return number(value, Number.isInteger(value) ? 0 : places).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  }

  /**
   * Where the bar of a contribution begins and how wide it is, in percent of the row.
   *
   * @param {number} value - Signed; 0 lies in the middle.
   * @param {number} full - What reaches the edge.
   */
  function span(value, full) {
    const width = full > 0 ? Math.min(Math.abs(value) / full, 1) * 50 : 0;
    return { left: value < 0 ? 50 - width : 50, width };
  }

  function bar(value, full) {
    const { left, width } = span(value, full);
    const fill = node(`i.${tone(value)}`);
    fill.style.left = `${left}%`;
    fill.style.width = `${width}%`;
    return node("span.decision-bar", { "aria-hidden": "true" }, fill);
  }

  own.nodes = { node, pairs, number, tone, arrow, toneOf, moment, dollars, took, fact, span, bar };
})();
