/** What the header says of market and account besides the price: told every second or so. */
(() => {
  const own = (window.dash_clientside ??= {});
  const state = { facts: null };

  function write(id, text, tone = "") {
    const node = document.getElementById(id);
    if (node && (node.textContent !== text || node.className !== tone)) {
      node.textContent = text;
      node.className = tone;
    }
  }

  const tone = (value) => (value > 0 ? "up" : value < 0 ? "down" : "");
  const arrow = (value) => (value > 0 ? "▲ " : value < 0 ? "▼ " : "");

  /** Change since a price of 24 hours ago, in words and tone; a dash while either is not known. */
  function change(price, base) {
    if (!(price > 0) || !(base > 0)) {
      return ["–", ""];
    }
    const share = (price / base - 1) * 100;
    return [`${arrow(share)}${own.numbers.number(share, 2, true)} %`, tone(share)];
  }

  /** Rate of the coming funding, and how long until then. */
  function funding({ funding_rate: rate, funding_ms: atMs }, marketMs) {
    if (rate === null || rate === undefined) {
      return "–";
    }
    const text = `${own.numbers.number(rate * 100, 4, true)} %`;
    const leftS = atMs === null || marketMs === null ? 0 : Math.ceil((atMs - marketMs) / 1000);
    if (leftS <= 0) {
      return text;
    }
    const two = (value) => String(value).padStart(2, "0");
    const [hours, minutes] = [Math.floor(leftS / 3600), Math.floor(leftS / 60) % 60];
    return hours ? `${text} in ${hours} h ${two(minutes)}` : `${text} in ${minutes}:${two(leftS % 60)}`;
  }

  /** Worth of the paper account, and what it made today; or when it was worth that. */
  function account({ equity, day_pnl: day, at_ms: atMs }) {
    if (equity === null) {
      return ["–", ""];
    }
    const worth = own.numbers.number(equity, 2);
    if (atMs) {
      return [`${worth} at ${new Date(atMs).toISOString().slice(5, 16).replace("T", " ")} UTC`, "warned"];
    }
    if (day === null || !(equity - day > 0)) {
      return [worth, ""];
    }
    const share = own.numbers.number((day / (equity - day)) * 100, 2, true);
    return [`${worth} ${arrow(day)}${share} % today`, tone(day)];
  }

  /** Used of the day's budget; a dash where nobody is asked. */
  function budget({ llm_usd: used, llm_limit_usd: limit }) {
    return limit > 0 ? `$${used.toFixed(2)} / ${limit.toFixed(2)}` : "–";
  }

  /** Take what the server told. */
  function take(facts) {
    state.facts = facts;
    const decimals = own.chart.decimals();
    write("mark-price", own.numbers.number(facts.mark, decimals));
    write("equity", ...account(facts));
    write("llm-used", budget(facts), facts.llm_limit_usd > 0 && facts.llm_usd >= 0.8 * facts.llm_limit_usd ? "warned" : "");
  }

  /** What changes with price and time alone; called by `live.js`. */
  function refresh(market, price, marketMs) {
    const { facts } = state;
    const known = facts?.market === market?.split("|")[0] ? facts : null;
    write("change-24h", ...change(price, known?.price_24h));
    write("funding", known ? funding(known, marketMs) : "–");
    if (!known) {
      write("mark-price", "–");
    }
  }

  own.fast_lane?.serve("header-facts", take); // past the renderer

  own.header = { change, funding, account, budget, take, refresh };
})();
