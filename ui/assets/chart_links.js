/**
 * What the charts of one page tell each other: where the pointer is, which tool is taken up.
 *
 * A page has a channel of its own, whose name its frames learn by their address.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const NAME = /^[a-z0-9]{8,40}$/;
  const LATEST_MS = 2 ** 53; // as far as whole numbers reach
  const state = { channel: null, takers: {}, waiting: null };

  /** A name nobody else has. */
  const fresh = () => [...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("");

  const isNumber = (value) => value === null || Number.isFinite(value);

  /** A message of another chart; null where it is none. */
  function understood(data) {
    if (data?.about === "tool") {
      const known = ["erase", ...Object.keys(own.drawing_shapes.KINDS)];
      return data.tool === null || known.includes(data.tool) ? { about: "tool", tool: data.tool } : null;
    }
    if (data?.about !== "pointer") {
      return null;
    }
    const { ms, price, symbol } = data;
    const isSound = isNumber(ms) && isNumber(price) && typeof symbol === "string" && Math.abs(ms ?? 0) < LATEST_MS;
    return isSound ? { about: "pointer", ms, price, symbol } : null;
  }

  /** Join the charts of a name; leave those joined before. */
  function join(name) {
    state.channel?.close();
    state.channel = null;
    if (NAME.test(name ?? "") && typeof BroadcastChannel !== "undefined") {
      state.channel = new BroadcastChannel(`charts-${name}`);
      state.channel.onmessage = ({ data }) => {
        const message = understood(data);
        if (message) {
          state.takers[message.about]?.(message);
        }
      };
    }
  }

  /** Tell the other charts; of several messages in a frame's time the last. */
  function tell(message) {
    if (!state.channel) {
      return;
    }
    if (message.about !== "pointer") {
      state.channel.postMessage(message);
      return;
    }
    if (state.waiting === null) {
      requestAnimationFrame(() => {
        state.channel?.postMessage(state.waiting);
        state.waiting = null;
      });
    }
    state.waiting = message;
  }

  /** Say who takes the messages about something. */
  function serve(about, taker) {
    state.takers[about] = taker;
  }

  own.chart_links = { fresh, understood, join, tell, serve };
})();
