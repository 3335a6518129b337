/**
 * What must be known before anything is painted: the theme, the page of the address, what is
 * folded. Loaded in the head; everything here is an attribute of <html> that styles read.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  if (own.early) {
    return; // loaded in the head and again with the other scripts
  }
  const PAGES = { "/": "trade", "/performance": "performance", "/system": "system" };
  const KEY = "layout";
  const NARROW_PX = 1100; // below, the chart needs the overlays' column more than they do
  const root = document.documentElement;

  /** The text this browser keeps; null where there is none. */
  function raw(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // this browser keeps nothing
    }
  }

  /** A JSON object this browser keeps; an empty one where there is none, or another thing. */
  function kept(key) {
    try {
      const value = JSON.parse(localStorage.getItem(key) ?? "null");
      return value && typeof value === "object" && !Array.isArray(value) ? value : {};
    } catch {
      return {}; // not ours, or this browser keeps nothing
    }
  }

  function keep(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // this browser keeps nothing; the choice holds until the page is closed
    }
  }

  /** Which page an address means; an unknown one means Trade. */
  const pageOf = (path) => PAGES[path.replace(/(.)\/+$/, "$1")] ?? "trade";

  /** Show how the page is laid out: `{left, right, bottom, height}`, folded where true. */
  function arrange({ left, right, bottom, height }) {
    Object.assign(root.dataset, {
      left: left ? "folded" : "open",
      right: right ? "folded" : "open",
      bottom: bottom ? "folded" : "open",
    });
    if (Number.isFinite(height)) {
      root.style.setProperty("--bottom-height", `${height}px`);
    }
  }

  root.dataset.theme = kept("look").theme === "light" ? "light" : "dark";
  root.dataset.page = pageOf(window.location?.pathname ?? "/");
  arrange({ left: window.innerWidth < NARROW_PX, ...kept(KEY) });

  own.early = { raw, kept, keep, pageOf, arrange, PAGES, KEY };
})();
