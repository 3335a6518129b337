/**
 * A chart in a frame of the page: what tells it from a whole page, before anything is read.
 *
 * Loaded in the head before all others. A frame remembers its own symbol, overlays and look, so
 * every name it keeps them under gets its slot before it, whichever script or library keeps them;
 * what belongs to a symbol or to the viewer stays common.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  if (own.embed) {
    return; // loaded in the head and again with the other scripts
  }
  const SLOTS = ["2", "3", "4"];
  // Panes a small chart has no room for; the alignment is the same for all candles of a symbol.
  const OFF_AT_FIRST = { order_flow: false, timeframe_alignment: false };
  const COMMON = /^(drawings:|set-aside:|overlay-sets$)/;

  /**
   * The frame an address means.
   *
   * @returns {?{slot: string, link: string}} Null for a whole page.
   */
  function frameOf(search) {
    const asked = new URLSearchParams(search);
    const slot = asked.get("slot");
    return asked.get("embed") === "1" && SLOTS.includes(slot) ? { slot, link: asked.get("link") ?? "" } : null;
  }

  /** The name a frame keeps something under. */
  const scoped = (slot, key) => (COMMON.test(key) ? key : `slot${slot}:${key}`);

  /** What a frame's look takes from its page's: the theme, and what is hidden in a replay. */
  function follows(look, ofPage) {
    const { theme = "dark", until_ms = null } = ofPage ?? {};
    return { ...look, theme, until_ms };
  }

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null") ?? {};
    } catch {
      return {}; // not ours, or this browser keeps nothing
    }
  }

  function scope(slot) {
    for (const name of ["getItem", "setItem", "removeItem"]) {
      const plain = Storage.prototype[name];
      Storage.prototype[name] = function named(key, ...rest) {
        return plain.call(this, scoped(slot, String(key)), ...rest);
      };
    }
  }

  function begin(slot) {
    const ofPage = read("look");
    scope(slot);
    document.documentElement.dataset.embed = slot;
    try {
      localStorage.setItem("look", JSON.stringify(follows(read("look"), ofPage)));
      localStorage.setItem("layout", JSON.stringify({ left: true, right: true, bottom: true, ...read("layout") }));
      localStorage.setItem("overlay-choices", JSON.stringify({ ...OFF_AT_FIRST, ...read("overlay-choices") }));
    } catch {
      // this browser keeps nothing; the frame is then dark, and its picker open
    }
  }

  const frame = frameOf(window.location?.search ?? "");
  if (frame) {
    begin(frame.slot);
  }

  own.embed = { frame, frameOf, scoped, follows };
})();
