/** The menu of the bar above the chart, where the window is too narrow for all its buttons. */
(() => {
  const own = (window.dash_clientside ??= {});

  /**
   * Whether the menu is open after a click or key.
   *
   * @param {boolean} open - It was before.
   * @param {{opener: boolean, inside: boolean, escape: boolean}} what - Where the click was.
   */
  function after(open, { opener, inside, escape }) {
    return opener ? !open : open && inside && !escape;
  }

  function follow(what) {
    const button = document.getElementById("tools-more");
    const open = button?.getAttribute("aria-expanded") === "true";
    const next = after(open, what);
    if (button && next !== open) {
      button.setAttribute("aria-expanded", String(next));
      if (what.escape) {
        button.focus();
      }
    }
  }

  document.addEventListener("click", ({ target }) => {
    const opener = Boolean(target.closest?.("#tools-more"));
    follow({ opener, inside: Boolean(target.closest?.("#tools-menu")), escape: false });
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") {
      follow({ opener: false, inside: false, escape: true });
    }
  });

  own.tools_menu = { after };
})();
