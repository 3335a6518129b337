/** Which live panels of the page can be seen: only those are read and pushed. */
(() => {
  const own = (window.dash_clientside ??= {});
  const LOOK_MS = 250;
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
    setInterval(() => {
      const now = visible().join();
      if (now !== state.known) {
        state.known = now;
        tell();
      }
    }, LOOK_MS);
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
