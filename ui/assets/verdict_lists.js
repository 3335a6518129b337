/** The lists below the chart: signals or all evaluations; a row opens the drawer. */
(() => {
  const own = (window.dash_clientside ??= {});
  const PATHS = { signals: "/decision/signal/", "decision-evaluations": "/decision/" };

  /** What a row of a list opens; null for a row of any other table. */
  function pathOf(list, row) {
    return list in PATHS && /^\d+$/.test(row) ? PATHS[list] + row : null;
  }

  function opened(target) {
    const row = target.closest?.(".ag-row[row-id]");
    const list = row?.closest("#signals, #decision-evaluations");
    return list ? pathOf(list.id, row.getAttribute("row-id")) : null;
  }

  function choose(key) {
    for (const button of document.querySelectorAll("[data-decision-list]")) {
      const isOn = button.dataset.decisionList === key;
      button.setAttribute("aria-pressed", String(isOn));
      document.getElementById(`decision-list-${button.dataset.decisionList}`).hidden = !isOn;
    }
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-decision-list]");
    const path = opened(target);
    if (button) {
      choose(button.dataset.decisionList);
    } else if (path) {
      own.verdict_drawer.open(path);
    }
  });
  document.addEventListener("keydown", (event) => {
    const path = event.key === "Enter" ? opened(event.target) : null;
    if (path) {
      event.preventDefault();
      own.verdict_drawer.open(path);
    }
  });

  own.verdict_lists = { pathOf };
})();
