/** The tables of the page System, and the button that makes a backup. */
(() => {
  const own = (window.dash_clientside ??= {});
  const TABLES = ["health", "processes", "streams", "database", "backups"];
  const element = (id) => document.getElementById(id);
  const node = (...args) => own.nodes.node(...args);

  /** A cell; that of a state has a sign of its tone. */
  function cell(text, tone, isState) {
    return isState ? node("td", null, node(`span.badge.${tone || "unknown"}`, null, node("span.dot"), node("span.badge-text", text))) : node("td", text);
  }

  /** Fill a table; rows that stay are changed in place, so that what is selected stays. */
  function fill(key, told) {
    const box = element(`system-${key}`);
    if (!told || !box) {
      return;
    }
    const head = box.dataset.system.split("|");
    const state = box.dataset.state ? head.indexOf(box.dataset.state) : -1;
    const nodes = [];
    if (told.rows.length) {
      const titles = node("tr", null, ...head.map((title) => node("th", { text: title, scope: "col" })));
      const rows = told.rows.map(({ cells, tone }) => node("tr", { "data-row": cells[0] }, ...cells.map((text, i) => cell(text, tone, i === state))));
      nodes.push(node(`table.system-table.${key}`, null, node("thead", null, titles), node("tbody", null, ...rows)));
    }
    if (told.note && key !== "backups") {
      nodes.push(node("p.muted.system-note", told.note));
    }
    if (key === "backups") {
      element("system-backup-said").textContent = told.note;
    }
    const [left, top] = [box.scrollLeft, box.scrollTop];
    box.replaceChildren(...nodes);
    box.scrollTo?.(left, top);
  }

  async function backup(button) {
    button.disabled = true;
    element("system-backup-said").textContent = "A backup is being made…";
    const { ok, answer } = await own.actions.post("/system/backup");
    button.disabled = false;
    if (!ok) {
      const text = typeof answer.detail === "string" ? answer.detail : "The server did not understand the request.";
      element("system-backup-said").textContent = text;
    }
  }

  document.addEventListener("click", ({ target }) => target.id === "system-backup" && backup(target));
  own.system = { fill };
  for (const key of TABLES) {
    const take = (told) => fill(key, told);
    own.system[key] = take;
    own.fast_lane?.serve(`system-${key}-told`, take); // past the renderer
  }
})();
