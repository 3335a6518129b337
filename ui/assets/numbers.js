/** Numbers as people read them here; the same rules as `ui/figures/numbers.py`. */
(() => {
  const own = (window.dash_clientside ??= {});
  /** Thin spaces between thousands, a real minus sign, a dash when not known. */
  function number(value, decimals, signed = false) {
    if (value === null || value === undefined || Number.isNaN(value)) {
      return "–";
    }
    const [whole, rest] = Math.abs(value).toFixed(decimals).split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, "\u2009") + (rest ? `.${rest}` : "");
    if (Number(Math.abs(value).toFixed(decimals)) === 0) {
      return text;
    }
    return value < 0 ? `−${text}` : signed ? `+${text}` : text;
  }

  /** A quantity with three significant places at most. */
  function quantity(value) {
    return number(value, value >= 1000 ? 0 : value >= 10 ? 1 : 3);
  }

  own.numbers = { number, quantity };

  // AG Grid's column definitions name these.
  window.dashAgGridFunctions = {
    ...window.dashAgGridFunctions,
    price: ({ value, data }) => number(value, data.decimals),
    money: ({ value }) => number(value, 2, true),
    two: ({ value }) => number(value, 2, true),
    whole: ({ value }) => number(value, 0),
  };
})();
