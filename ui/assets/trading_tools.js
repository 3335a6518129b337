/** The toolbar's Trade and Pause buttons, the flatten question, and who is told of the symbol. */
(() => {
  const own = (window.dash_clientside ??= {});
  const state = { standing: null, asked: false };
  const element = (id) => document.getElementById(id);

  /** Take what is held of the symbol on screen. */
  function take(standing) {
    if (!standing) {
      return;
    }
    state.standing = standing;
    own.position_lines.show(standing.trades);
    pauseButton();
  }

  function pauseButton() {
    const button = element("trading-pause");
    if (!button) {
      return;
    }
    const { symbol, paused, is_running: isRunning } = state.standing;
    button.hidden = paused === null;
    button.disabled = !isRunning;
    button.classList.toggle("warned", paused === true);
    button.setAttribute("aria-pressed", String(paused === true));
    button.textContent = paused ? "Paused · Resume" : "Pause";
    button.setAttribute("aria-label", paused ? `${symbol} paused · Resume` : `Pause ${symbol}`);
    button.title = isRunning ? (paused ? `Let the policy enter ${symbol} again` : `The policy enters nothing in ${symbol} until you resume it; what is open stays`) : "The engine does not run";
  }

  function pause() {
    const { symbol, paused } = state.standing;
    own.trading.once(() => own.trading.act(paused ? "resume" : "pause", { symbol }, paused ? `Resume ${symbol}` : `Pause ${symbol}`));
  }

  /** How many trades of which accounts flattening would close. */
  function counts(held) {
    const of = (name) => held.filter(({ source, status }) => source === name && status !== "closing").length;
    return { hand: of("hand"), policy: of("policy") };
  }

  /** The button that closes everything, which asks once. */
  function flattening(held) {
    const box = element("trading-flatten-box");
    const { hand, policy } = counts(held);
    const shown = `${hand} ${policy} ${state.asked}`;
    if (!box || box.dataset.shown === shown) {
      return;
    }
    box.dataset.shown = shown;
    const { button, made } = own.trading;
    const ask = (asked) => {
      state.asked = asked;
      flattening(held);
      box.querySelector("button")?.focus();
    };
    if (hand + policy === 0) {
      state.asked = false;
      box.replaceChildren();
    } else if (!state.asked) {
      box.replaceChildren(button("Flatten…", () => ask(true)));
    } else {
      const flatten = (sources) => () => own.trading.once(async () => {
        ask(false);
        await own.trading.act("flatten", { sources }, "Flatten");
      });
      const options = [made("span", "Close at the next minute:", "warned")];
      if (hand) {
        options.push(button(`${hand} by hand`, flatten(["hand"])));
      }
      if (policy) {
        options.push(button(hand ? `all ${hand + policy}` : `${policy} as traded`, flatten(hand ? ["hand", "policy"] : ["policy"])));
      }
      box.replaceChildren(...options, button("Cancel", () => ask(false)));
    }
  }

  document.addEventListener("click", ({ target }) => {
    if (target.id === "trading-pause" && state.standing) {
      pause();
    }
  });

  own.fast_lane?.serve("trading-standing", take); // past the renderer
  own.trading_tools = { take, counts, flattening };
})();
