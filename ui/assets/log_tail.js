/** The newest lines of the logs: filtered here, paused here. */
(() => {
  const own = (window.dash_clientside ??= {});
  const MOST = 200;
  const NEAR_PX = 30; // so close to the end, the list follows what comes
  const RANKS = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3, CRITICAL: 4 };
  const state = { lines: [], shown: [], files: [], faults: [], paused: false, isRead: false };
  const element = (id) => document.getElementById(id);

  /** Known lines with those that came, by time, at most so many. */
  function merged(lines, { whole, lines: more }) {
    const all = whole ? more : [...lines, ...more];
    return all
      .map((line, i) => [line, i])
      .sort(([a, i], [b, j]) => (a.at < b.at ? -1 : a.at > b.at ? 1 : i - j))
      .slice(-MOST)
      .map(([line]) => line);
  }

  /**
   * The lines a viewer wants.
   *
   * @param {string} level - The least one; empty for all, also for lines that have none.
   */
  function wanted(lines, { file, level, text }) {
    const needle = text.toLowerCase();
    return lines.filter((line) => (!file || line.file === file) && (!level || (RANKS[line.level] ?? -1) >= RANKS[level]) && line.text.toLowerCase().includes(needle));
  }

  function take(told) {
    if (!told) {
      return;
    }
    state.lines = merged(state.lines, told);
    Object.assign(state, { faults: told.faults, isRead: true });
    furnish();
    files(told.files);
    if (!state.paused) {
      state.shown = state.lines;
    }
    draw();
  }

  function files(names) {
    const select = element("alerts-log-file");
    if (select && names.join() !== state.files.join()) {
      state.files = names;
      const chosen = select.value;
      [...select.options].slice(1).forEach((option) => option.remove());
      select.append(...names.map((name) => own.nodes.node("option", { text: `${name}.log`, value: name })));
      select.value = names.includes(chosen) ? chosen : "";
    }
  }

  function furnish() {
    const box = element("alerts-log-filter-box");
    if (box && !box.childElementCount) {
      const field = own.nodes.node("input.alerts-input", { id: "alerts-log-filter", type: "search", placeholder: "Filter", "aria-label": "Text that lines must contain", autocomplete: "off" });
      box.append(field);
      field.addEventListener("input", draw);
    }
  }

  const tone = (level) => ({ WARNING: ".warning", ERROR: ".critical", CRITICAL: ".critical" })[level] ?? "";

  function draw() {
    const list = element("alerts-log-list");
    if (!list || !state.isRead) {
      return;
    }
    const found = wanted(state.shown, { file: element("alerts-log-file").value, level: element("alerts-log-level").value, text: element("alerts-log-filter")?.value ?? "" });
    const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    const faults = state.faults.map((fault) => own.nodes.node("p.warned", `Not readable: ${fault}`));
    const nothing = state.shown.length ? "No line is like that." : "Nothing has been logged yet.";
    const rows = found.map((line) => own.nodes.node(`div.alerts-log-line${tone(line.level)}`, { text: line.text, title: `${line.file}.log` }));
    list.replaceChildren(...faults, ...(rows.length ? rows : [own.nodes.node("p.empty", nothing)]));
    if (isNear || !state.isDrawn) {
      list.scrollTop = list.scrollHeight;
      state.isDrawn = true;
    }
    const waiting = state.lines.filter((line) => !state.shown.includes(line)).length;
    element("alerts-log-state").textContent = state.paused ? `paused${waiting ? `, ${waiting} new` : ""}` : `${found.length} lines`;
  }

  function pause() {
    state.paused = !state.paused;
    const button = element("alerts-log-pause");
    button.textContent = state.paused ? "Resume" : "Pause";
    button.setAttribute("aria-pressed", String(state.paused));
    state.shown = state.paused ? state.shown : state.lines;
    draw();
  }

  document.addEventListener("click", ({ target }) => target.id === "alerts-log-pause" && pause());
  document.addEventListener("change", ({ target }) => target.id?.startsWith("alerts-log-") && draw());
  own.fast_lane?.serve("alerts-log-lines", take); // past the renderer
  own.log_tail = { merged, wanted, take };
})();
