/** The row of drawing tools above the chart, and the question before all drawings are erased. */
(() => {
  const own = (window.dash_clientside ??= {});
  const element = (id) => document.getElementById(id);

  /** Show which tool is taken up, and whether there is anything to erase. */
  function show(tool, count) {
    for (const button of document.querySelectorAll("[data-drawing-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.drawingTool === (tool ?? "select")));
    }
    const clear = element("drawings-clear");
    if (clear) {
      clear.disabled = count === 0;
    }
  }

  function ask() {
    const { shapes, symbol } = own.drawings.state;
    const what = shapes.length === 1 ? "the drawing" : `all ${shapes.length} drawings`;
    element("drawings-ask-text").textContent = `Erase ${what} of ${symbol}? This cannot be undone.`;
    element("drawings-ask").showModal();
  }

  function clicked({ target }) {
    const tool = target.closest?.("[data-drawing-tool]")?.dataset.drawingTool;
    if (tool) {
      own.drawings.use(tool === "select" || tool === own.drawings.state.tool ? null : tool);
    } else if (target.id === "drawings-clear") {
      ask();
    } else if (target.id === "drawings-ask-yes") {
      own.drawings.clear();
      element("drawings-ask").close();
    } else if (target.id === "drawings-ask-no" || target.id === "drawings-ask") {
      element("drawings-ask").close(); // a click beside it falls on the dialog's own box
    }
  }

  document.addEventListener("click", clicked);
  document.addEventListener("DOMContentLoaded", () => {
    own.keyboard.add({ key: "Delete", shown: "Del", text: "Erase the drawing that is selected; arrows move it, with Shift its end" });
  });

  own.drawing_bar = { show };
})();
