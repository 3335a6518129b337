/** Regions that fold, tabs, cards and the height of the tables; all remembered per browser. */
(() => {
  const own = (window.dash_clientside ??= {});
  const { kept, keep, arrange, KEY } = own.early;
  const LEAST_PX = 120;
  const MOST_OF_WINDOW = 0.6;
  const STEP_PX = 24;
  const element = (id) => document.getElementById(id);
  const root = document.documentElement;

  /** A height the tables may have in a window. */
  function heightWithin(wanted, windowHeight) {
    return Math.round(Math.min(Math.max(wanted, LEAST_PX), windowHeight * MOST_OF_WINDOW));
  }

  /** The tab that an arrow key leads to. */
  function neighbour(keys, shown, step) {
    return keys[(keys.indexOf(shown) + step + keys.length) % keys.length];
  }

  function change(changes) {
    const now = { left: root.dataset.left === "folded", ...kept(KEY), ...changes };
    keep(KEY, now);
    arrange(now);
    label();
  }

  function label() {
    for (const button of document.querySelectorAll("[data-fold]")) {
      button.setAttribute("aria-expanded", String(root.dataset[button.dataset.fold] === "open"));
    }
    const edge = element("bottom-edge");
    const values = { now: edge?.parentElement.clientHeight, min: LEAST_PX, max: heightWithin(Infinity, window.innerHeight) };
    for (const [name, px] of Object.entries(values)) {
      edge?.setAttribute(`aria-value${name}`, px);
    }
  }

  /** Tell the style sheets how high the header is: what it says decides how often it wraps. */
  function measure() {
    const header = document.querySelector(".header");
    new ResizeObserver(() => root.style.setProperty("--header-height", `${header.offsetHeight}px`)).observe(header);
  }

  /** Fold a region (left, right, bottom) or show it; without a wish the other way. */
  function fold(region, folded = root.dataset[region] === "open") {
    change({ [region]: folded });
    window.dispatchEvent(new Event("resize")); // the chart takes what room there is
  }

  const tabs = () => [...document.querySelectorAll("#tabs [data-tab]")];

  /** Show a tab below the chart; true when there is one of that key. */
  function tab(key, focus = false) {
    const found = tabs();
    if (!found.some((button) => button.dataset.tab === key)) {
      return false;
    }
    for (const button of found) {
      const shown = button.dataset.tab === key;
      button.setAttribute("aria-selected", String(shown));
      button.tabIndex = shown ? 0 : -1;
      element(`part-${button.dataset.tab}`).hidden = !shown;
      if (shown && focus) {
        button.focus();
      }
    }
    change({ tab: key });
    return true;
  }

  /** Lead to a tab: unfold the tables, and go to the page Trade. */
  function open(key) {
    own.navigation.go("trade");
    fold("bottom", false);
    return tab(key);
  }

  function clicked({ target }) {
    const button = target.closest?.("[data-fold], [data-tab]");
    if (button?.dataset.fold) {
      fold(button.dataset.fold);
    } else if (button) {
      fold("bottom", false);
      tab(button.dataset.tab);
    }
  }

  function pressed(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) {
      return;
    }
    if (event.target.dataset?.tab && event.key.match(/Left|Right/)) {
      tab(neighbour(tabs().map((b) => b.dataset.tab), event.target.dataset.tab, step), true);
    } else if (event.target.id === "bottom-edge" && event.key.match(/Up|Down/)) {
      const now = event.target.parentElement.clientHeight;
      resize(now + step * STEP_PX);
    } else {
      return;
    }
    event.preventDefault();
  }

  function resize(wanted) {
    change({ bottom: false, height: heightWithin(wanted, window.innerHeight) });
    window.dispatchEvent(new Event("resize"));
  }

  /** Follow the pointer from the edge of the tables. */
  function dragged(event) {
    const edge = event.target;
    if (edge.id !== "bottom-edge" || event.button !== 0) {
      return;
    }
    event.preventDefault();
    const from = { y: event.clientY, height: edge.parentElement.clientHeight };
    const wanted = (move) => heightWithin(from.height + from.y - move.clientY, window.innerHeight);
    const moved = (move) => root.style.setProperty("--bottom-height", `${wanted(move)}px`);
    edge.setPointerCapture(event.pointerId);
    edge.addEventListener("pointermove", moved);
    edge.addEventListener(
      "pointerup",
      (up) => {
        edge.removeEventListener("pointermove", moved);
        if (Math.abs(up.clientY - from.y) > 2) {
          resize(wanted(up));
        }
      },
      { once: true },
    );
  }

  /** Remember a card that was folded or unfolded. */
  function toggled({ target }) {
    const key = target.dataset?.card;
    if (key) {
      const closed = new Set(kept(KEY).closed ?? []);
      closed[target.open ? "delete" : "add"](key);
      keep(KEY, { ...kept(KEY), closed: [...closed] });
    }
  }

  /** Lay out as this browser remembers; called when the page is there. */
  function begin() {
    const { closed, tab: last } = kept(KEY);
    for (const card of document.querySelectorAll("[data-card]")) {
      if (Array.isArray(closed) && closed.includes(card.dataset.card)) {
        card.open = false;
      }
    }
    if (last) {
      tab(last);
    }
    label();
    measure();
    own.navigation.show();
  }

  document.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
  document.addEventListener("pointerdown", dragged);
  document.addEventListener("toggle", toggled, true);
  window.addEventListener("resize", label);

  own.shell = { heightWithin, neighbour, fold, tab, open, begin };
})();
