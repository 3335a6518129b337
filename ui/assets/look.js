/** How the market is shown (`ui/look.py`): one store, changed piece by piece by several scripts. */
(() => {
  const own = (window.dash_clientside ??= {});
  const { kept } = own.early;
  const state = { look: kept("look"), isChanged: false };

  /** Change some of the look: `change({theme: "light"})`; the rest stays. */
  function change(changes) {
    Object.assign(state, { look: { ...state.look, ...changes }, isChanged: true });
    own.set_props("look", { data: state.look });
  }

  /** The look now; an empty object while nothing was chosen. */
  const now = () => state.look;

  /**
   * Follow the store: the page takes the theme of the look, `look:changed` tells the rest.
   *
   * Nobody else writes the store. A busy page hears of a change after the next one was made: what
   * the store told then would take that one back.
   */
  function follow(look) {
    state.look = state.isChanged ? state.look : (look ?? {});
    document.dispatchEvent(new CustomEvent("look:changed", { detail: state.look }));
    const theme = state.look.theme === "light" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    const button = document.getElementById("theme-switch");
    if (button) {
      button.textContent = theme === "light" ? "☀" : "☾";
      button.setAttribute("aria-pressed", String(theme === "light"));
    }
    return theme;
  }

  document.addEventListener("click", ({ target }) => {
    if (target.id === "theme-switch") {
      change({ theme: state.look.theme === "light" ? "dark" : "light" });
    }
  });

  own.look = { change, now, follow };
})();
