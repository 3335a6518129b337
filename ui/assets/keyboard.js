/** Keys of the page: one table, which the help dialog shows and other scripts add to. */
(() => {
  const own = (window.dash_clientside ??= {});
  const state = { keys: [] };
  const element = (id) => document.getElementById(id);

  /**
   * Add a key.
   *
   * @param {{key: string, text: string, run: ?Function, shown: ?string}} entry - `key` as
   *   `KeyboardEvent.key` says it; `text` tells people what it does; without `run` it is only
   *   told; `shown` is how the help spells it, empty for not at all.
   */
  function add(entry) {
    state.keys = [...state.keys.filter(({ key }) => key !== entry.key), entry];
  }

  /** What a key press means here; null while it is meant for a field, a dialog or the browser. */
  function meant(keys, { key, ctrlKey, metaKey, altKey }, { isField, isDialog }) {
    if (ctrlKey || metaKey || altKey || isField || isDialog) {
      return null;
    }
    return keys.find((entry) => entry.key === key && entry.run) ?? null;
  }

  const FIELDS = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable='true'], [role=textbox]";

  function pressed(event) {
    if (event.defaultPrevented) {
      return;
    }
    const found = meant(state.keys, event, {
      isField: Boolean(event.target.closest?.(FIELDS)),
      isDialog: Boolean(document.querySelector("dialog[open], [role=dialog][aria-modal=true]")),
    });
    if (found) {
      event.preventDefault();
      found.run(event);
    }
  }

  function help() {
    const rows = state.keys.filter(({ shown }) => shown !== "").map(({ key, shown, text }) => {
      const row = document.createElement("tr");
      const keys = document.createElement("td");
      keys.append(...(shown ?? key).split(" ").map((word) => {
        const box = document.createElement("kbd");
        box.textContent = word;
        return box;
      }));
      const says = document.createElement("td");
      says.textContent = text;
      row.append(keys, says);
      return row;
    });
    element("help-keys").replaceChildren(...rows);
    element("help-dialog").showModal();
  }

  document.addEventListener("keydown", pressed);
  document.addEventListener("click", ({ target }) => {
    if (target.id === "help-open") {
      help();
    } else if (target.id === "help-close" || target.id === "help-dialog") {
      element("help-dialog").close(); // a click beside it falls on the dialog's own box
    }
  });

  Object.keys(own.clock.INTERVALS_MS).forEach((interval, i) => {
    add({ key: String(i + 1), shown: i ? "" : "1 2 3 4 5 6", text: "Candles of 1m 5m 15m 1h 4h 1d", run: () => own.set_props("interval", { value: interval }) });
  });
  add({ key: "/", text: "Search for a symbol", run: () => { element("symbol").focus(); element("symbol").select?.(); } });
  add({ key: "o", text: "Chart overlays", run: () => { own.navigation.go("trade"); own.shell.fold("left", document.documentElement.dataset.left === "open" && Boolean(document.activeElement?.closest(".side.left"))); document.querySelector(".side.left input")?.focus(); } });
  add({ key: "n", text: "Notifications", run: () => own.notifications?.toggle() });
  add({ key: "t", text: "Dark or light", run: () => element("theme-switch").click() });
  add({ key: "?", text: "This list", run: help });
  add({ key: "Escape", shown: "Esc", text: "Close what is open" });

  own.keyboard = { add, meant, help };
})();
