/** Pages within the page: the address says which is shown, and what market. */
(() => {
  const own = (window.dash_clientside ??= {});
  const { kept, keep, pageOf, PAGES } = own.early;
  const KEY = "view";
  const root = document.documentElement;
  const state = { symbols: [], chosen: null };

  const pathOf = (page) => Object.entries(PAGES).find(([, key]) => key === page)?.[0] ?? "/";
  /** The values of a Select's options, grouped or not. */
  const flat = (options) => (options ?? []).flatMap((option) => option.items ?? [option]);

  /**
   * What to show at first: what the address asks for, else what this browser remembers.
   *
   * @returns {{symbol: ?string, interval: ?string, errors: string[]}} Null where the default
   *   stands; `errors` say what of the address is not on offer.
   */
  function wanted(search, remembered, symbols, intervals) {
    const asked = new URLSearchParams(search);
    const errors = [];
    const choice = (name, allowed, spelled) => {
      const value = asked.has(name) ? spelled(asked.get(name)) : null;
      if (value !== null && !allowed.includes(value)) {
        errors.push(`${name} “${value.slice(0, 40)}” of the address is not on offer.`);
      }
      return [value, remembered[name]].find((one) => allowed.includes(one)) ?? null;
    };
    return {
      symbol: choice("symbol", symbols, (typed) => typed.toUpperCase()),
      interval: choice("interval", intervals, (typed) => typed.toLowerCase()),
      errors,
    };
  }

  /** The address of a choice; other parameters stay. */
  function address(path, search, { symbol, interval }) {
    const told = new URLSearchParams(search);
    told.set("symbol", symbol);
    told.set("interval", interval);
    return `${path}?${told}`;
  }

  /** Begin with the address; called once the page is there. */
  function restore(_, options, intervals, symbol, interval) {
    state.symbols = flat(options);
    const found = wanted(window.location.search, kept(KEY), state.symbols, intervals);
    for (const text of found.errors) {
      own.notifications?.tell({ tone: "warning", title: "Address", text });
    }
    own.shell.begin();
    return [found.symbol ?? symbol, found.interval ?? interval];
  }

  /** Keep address and memory in step with the choice. */
  function follow(symbol, interval, options) {
    if (!symbol || !interval) {
      return;
    }
    const isChange = state.chosen && state.chosen.symbol !== symbol;
    state.chosen = { symbol, interval };
    state.symbols = flat(options);
    keep(KEY, state.chosen);
    window.history.replaceState(null, "", address(window.location.pathname, window.location.search, state.chosen));
    const listed = (options ?? []).find((group) => group.items?.includes(symbol));
    if (isChange && listed && listed !== options[0]) {
      own.notifications?.tell({
        tone: "info",
        title: `${symbol} is followed while it is shown`,
        text: "To follow it always, name it in symbols: or universe: of config.yaml and start again.",
      });
    }
  }

  /** Go to a page of this page: trade, performance or system. */
  function go(page) {
    if (pageOf(window.location.pathname) !== page) {
      window.history.pushState(null, "", pathOf(page) + window.location.search);
    }
    show();
  }

  /** Show what the address says. */
  function show() {
    const page = pageOf(window.location.pathname);
    const changed = root.dataset.page !== page;
    root.dataset.page = page;
    for (const link of document.querySelectorAll(".page-link")) {
      if (link.dataset.page === page) {
        link.setAttribute("aria-current", "page");
      } else {
        link.removeAttribute("aria-current");
      }
    }
    if (changed && page === "trade") {
      requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
    }
  }

  /** The back button: page and market of the address. */
  function returned() {
    show();
    const { symbol, interval } = wanted(
      window.location.search, {}, state.symbols, Object.keys(own.clock.INTERVALS_MS),
    );
    if (symbol && symbol !== state.chosen?.symbol) {
      own.set_props("symbol", { value: symbol });
    }
    if (interval && interval !== state.chosen?.interval) {
      own.set_props("interval", { value: interval });
    }
  }

  function clicked(event) {
    const link = event.target.closest?.(".page-link");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && plain) {
      event.preventDefault();
      go(link.dataset.page);
    }
  }

  document.addEventListener("click", clicked);
  window.addEventListener("popstate", returned);

  own.navigation = { wanted, address, flat, restore, follow, go, show };
})();
