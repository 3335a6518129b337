/** Questions about the market on screen: the talk so far, and answers as they are written. */
(() => {
  const own = (window.dash_clientside ??= {});
  const NEAR_PX = 40; // so close to the end, the list follows what is written
  const REASONS = {
    no_key: "There is no key for DeepSeek.",
    budget_spent: "The budget for questions is spent.",
    network: "DeepSeek cannot be reached.",
    timeout: "DeepSeek took too long.",
    authentication: "DeepSeek does not accept the key.",
    insufficient_balance: "The account at DeepSeek is empty.",
    rate_limit: "DeepSeek takes no more questions at the moment.",
    no_facts: "Nothing can be said of this market yet.",
    not_recorded: "Nothing was asked, for it could not be kept.",
    stopped: "Stopped; what came is kept.",
    lost: "The dashboard's server does not answer.",
    cut_off: "The connection broke before the end.",
    truncated_answer: "The answer was longer than allowed.",
    incomplete: "The answer is incomplete.",
  };
  const KEY_HINT = "Put DEEPSEEK_API_KEY=… into .env beside config.yaml and start again.";
  const state = { talk: null, live: null, stop: null, market: null };
  const element = (id) => document.getElementById(id);
  const node = (...args) => own.nodes.node(...args);

  /**
   * Take lines out of what came.
   *
   * @param {string} text - What was left over, and what came since.
   * @returns {{lines: object[], rest: string}} Whole lines, and what is not a whole line yet.
   */
  function split(text) {
    const parts = text.split("\n");
    const rest = parts.pop();
    return { lines: parts.filter(Boolean).map((line) => JSON.parse(line)), rest };
  }

  /** Why an answer is not whole, for people; empty for one that is. */
  function reasonWords(reason, detail = "") {
    if (!reason) {
      return "";
    }
    const known = REASONS[reason] ?? `No whole answer (${reason.replaceAll("_", " ")}).`;
    const more = reason === "no_key" ? KEY_HINT : reason === "stopped" ? "" : detail;
    return more ? `${known} ${more[0].toUpperCase()}${more.slice(1)}${/[.!?]$/.test(more) ? "" : "."}` : known;
  }

  /** What of the day's budget is used, for people. */
  function budgetWords({ usd, usd_limit: limit, calls, calls_limit: most }) {
    const left = Math.max(0, limit - usd);
    const isSpent = usd >= limit || calls >= most;
    return `${own.nodes.dollars(usd)} of ${own.nodes.dollars(limit)} used today, ${isSpent ? "nothing" : own.nodes.dollars(left)} left · ${calls} of ${most} questions`;
  }

  /** What is said below the list of a talk: why asking would be in vain; empty when it would not. */
  function obstacle({ has_key: hasKey, usd, usd_limit: limit, calls, calls_limit: most, fault }) {
    if (!hasKey) {
      return reasonWords("no_key");
    }
    if (fault) {
      return `The talk so far cannot be read: ${fault}`;
    }
    return usd >= limit || calls >= most ? "Today's budget for questions is spent; it opens at 00:00 UTC." : "";
  }

  /**
   * The messages to show of a talk while or after an answer is written here.
   *
   * @param {?object} live - The question asked here with its answer so far; null without one.
   * @returns {{messages: object[], isKept: boolean}} `isKept` once the talk has the answer itself.
   */
  function joined(messages, live) {
    if (!live) {
      return { messages, isKept: false };
    }
    const at = messages.findLastIndex(({ role, text, at_ms: ms }) => role === "user" && text === live.question && !live.before.has(ms));
    const isKept = at >= 0 && live.isOver && messages.slice(at + 1).some(({ role }) => role === "assistant");
    if (isKept) {
      return { messages, isKept };
    }
    const mine = [
      { role: "user", text: live.question, market: live.market, at_ms: null, reason: "" },
      { role: "assistant", text: live.text, market: "", at_ms: null, reason: live.reason, detail: live.detail, isLive: !live.isOver },
    ];
    return { messages: [...(at >= 0 ? messages.slice(0, at) : messages), ...mine], isKept };
  }

  function entry({ role, text, market, at_ms: atMs, reason, detail, isLive }) {
    const head = [role === "user" ? "You" : "DeepSeek", market, atMs && own.nodes.moment(atMs)].filter(Boolean).join(" · ");
    const why = reasonWords(reason, detail);
    return node(
      `article.chat-entry.${role}${isLive ? ".live" : ""}`,
      null,
      node("p.chat-who.muted", head),
      text || isLive ? node("p.chat-text", text) : null,
      why ? node("p.chat-why.warned", why) : null,
    );
  }

  function draw() {
    const list = element("chat-list");
    if (!list || !state.talk) {
      return;
    }
    furnish();
    const { messages, isKept } = joined(state.talk.messages, state.live);
    if (isKept) {
      state.live = null;
    }
    const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    const obstructed = obstacle(state.talk);
    const nothing = "Ask why the rules say what they say, what would change it, or what the figures mean. DeepSeek sees the facts of the newest closed candle on screen; it cannot trade.";
    const rows = messages.length ? messages.map(entry) : [node("p.empty", nothing)];
    list.replaceChildren(...rows, ...(obstructed ? [node("p.chat-obstacle.warned", obstructed)] : []));
    element("chat-budget").textContent = budgetWords(state.talk);
    if (isNear) {
      list.scrollTop = list.scrollHeight;
    }
    controls();
  }

  /** Only the text that grows is written again while an answer comes. */
  function grow() {
    const list = element("chat-list");
    const text = list?.querySelector(".chat-entry.live .chat-text");
    if (!text) {
      draw();
      return;
    }
    const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    text.textContent = state.live.text;
    if (isNear) {
      list.scrollTop = list.scrollHeight;
    }
  }

  /** Make the field and its buttons, once. */
  function furnish() {
    const form = element("chat-form");
    if (!form || form.childElementCount) {
      return;
    }
    const field = node("textarea.chat-field", { id: "chat-question", rows: 2, maxlength: form.dataset.most, placeholder: "Ask about this market (Enter sends, Shift+Enter begins a line)", "aria-label": "Question about the market on screen" });
    const send = node("button.use", { id: "chat-send", type: "button", text: "Ask" });
    const stop = node("button.use", { id: "chat-stop", type: "button", text: "Stop", hidden: true });
    form.append(field, send, stop);
    field.addEventListener("input", controls);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        ask();
      }
    });
    send.addEventListener("click", ask);
    stop.addEventListener("click", () => state.stop?.abort());
  }

  function controls() {
    const isLive = state.live !== null && !state.live.isOver;
    const question = element("chat-question");
    if (question) {
      element("chat-send").disabled = isLive || !question.value.trim() || !state.talk?.has_key;
      element("chat-send").hidden = isLive;
      element("chat-stop").hidden = !isLive;
      element("chat-stage").textContent = isLive && !state.live.text ? `${state.live.stage}…` : "";
      element("chat-market").textContent = shown() ? `About ${shown().replace("|", " ")}` : "";
    }
  }

  const shown = () => own.connection.market() ?? own.chart.market();

  async function ask() {
    const question = element("chat-question").value.trim();
    if (!question || !shown() || (state.live && !state.live.isOver) || !state.talk?.has_key) {
      return;
    }
    const [symbol, interval] = shown().split("|");
    const before = new Set(state.talk.messages.map(({ at_ms: ms }) => ms));
    state.live = { question, market: `${symbol} ${interval}`, text: "", reason: "", detail: "", stage: "Asking", isOver: false, before };
    element("chat-question").value = "";
    const list = element("chat-list");
    draw();
    list.scrollTop = list.scrollHeight;
    await listen({ question, symbol, interval });
    state.live = state.live && { ...state.live, isOver: true };
    draw();
  }

  /** Read an answer as it comes; `state.live` takes it. */
  async function listen(body) {
    state.stop = new AbortController();
    try {
      const reply = await fetch("/chat/ask", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Trading-Token": element("action-token")?.dataset.token ?? "" },
        body: JSON.stringify(body),
        signal: state.stop.signal,
      });
      if (!reply.ok) {
        const answer = await reply.json().catch(() => ({}));
        end("refused", typeof answer.detail === "string" ? answer.detail : `the server answered ${reply.status}`);
        return;
      }
      await read(reply.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch {
      state.stop.signal.aborted ? end("stopped", "") : end(state.live.text ? "cut_off" : "lost", "");
    }
  }

  async function read(reader) {
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const found = split(rest + piece.value);
      rest = found.rest;
      found.lines.forEach(hear);
    }
    if (!state.live.isTold) {
      end("cut_off", "");
    }
  }

  function hear(line) {
    if (line.end) {
      end(line.end.reason, line.end.detail);
      if (line.end.unsaved) {
        own.notifications?.tell({ tone: "warning", title: "Chat", text: `The answer could not be kept: ${line.end.unsaved}` });
      }
    } else if (line.piece) {
      state.live.text += line.piece;
      grow();
    } else if (line.stage) {
      state.live.stage = line.stage;
    }
    controls();
  }

  function end(reason, detail) {
    Object.assign(state.live, { reason, detail, isTold: true });
  }

  function take(talk) {
    if (talk) {
      state.talk = talk;
      draw();
    }
  }

  document.addEventListener("chart:market", controls);
  own.fast_lane?.serve("chat-talk", take); // past the renderer
  own.chat = { split, reasonWords, budgetWords, obstacle, joined, take };
})();
