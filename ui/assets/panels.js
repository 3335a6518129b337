/** Which live panels of the page can be seen: only those are read and pushed. */
(() => {
  const own = (window.dash_clientside ??= {});
  const LOOK_MS = 1000; // for what no event tells: each look is a style of the whole page
  const TOLD_BY = ["click", "keyup", "popstate", "toggle", "resize"];
  const state = { known: "" };

  /** Keys of the panels that are displayed, whether scrolled into view or not. */
  function visible() {
    return [...document.querySelectorAll("[data-panel]")]
      .filter((node) => node.checkVisibility())
      .map((node) => node.dataset.panel)
      .sort();
  }

  /**
   * Call `tell` whenever other panels can be seen than before.
   *
   * @param {Function} tell - Sends the server what `visible` returns.
   */
  function watch(tell) {
    const look = () => {
      const now = visible().join();
      if (now !== state.known) {
        state.known = now;
        tell();
      }
    };
    const soon = () => {
      cancelAnimationFrame(state.soon);
      state.soon = requestAnimationFrame(look); // when scripts have done what the event asks for
    };
    TOLD_BY.forEach((name) => window.addEventListener(name, soon, true));
    setInterval(look, LOOK_MS);
    look();
  }

  /**
   * Say in the place of each panel why it could not be read, and take back what holds no more.
   *
   * @param {?Object<string, string>} faults - Reasons by key.
   */
  function fault(faults) {
    for (const node of document.querySelectorAll("[data-panel]")) {
      const reason = faults?.[node.dataset.panel];
      if (reason) {
        node.dataset.fault = `Not read: ${reason}`;
      } else {
        delete node.dataset.fault;
      }
    }
  }

  own.panels = { visible, watch, fault };
})();
