/**
 * What is pushed to the chart goes straight to its scripts, past Dash's renderer.
 *
 * For each property the renderer walks through every component of the page, ten times where a
 * callback takes it: a tick cost 60 ms of the main thread that way, and costs one this way. Our
 * scripts run before the renderer makes its worker, so they can listen first. Plain HTML goes the
 * same way (`fragments.js`). Whatever is not understood here takes Dash's way, where a callback
 * brings it to the same script, or the renderer to its place.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const takers = {
    live: (payload) => own.live.receive(payload),
    pushed: (figure) => own.draw_pace.take(figure),
  };

  const isOnly = (props, name) => name in props && Object.keys(props).length === 1;

  /** Give one set of properties to whoever takes it; whether somebody did. */
  function given({ componentId, props }, takers, show) {
    if (componentId in takers && "data" in (props ?? {})) {
      takers[componentId](props.data);
      return true;
    }
    return typeof componentId === "string" && isOnly(props ?? {}, "children") && show(componentId, props.children);
  }

  const writeHtml = (id, children) => own.fragments.show(id, children);

  /**
   * Take what is ours of a message of Dash's worker.
   *
   * @param {Object} message - Altered: of a batch, only what is not ours is left.
   * @param {Object<string, Function>} takers - By component id; each takes its `data`.
   * @param {Function} show - Writes the children of a component, or says false.
   * @returns {boolean} Whether nothing is left for Dash.
   */
  function take(message, takers, show = writeHtml) {
    if (message?.type === "set_props" && message.payload) {
      return given(message.payload, takers, show);
    }
    if (message?.type === "set_props_batch" && Array.isArray(message.payload)) {
      const count = message.payload.length;
      const left = message.payload.filter((item) => !item || !given(item, takers, show));
      message.payload.splice(0, Infinity, ...left);
      return count > 0 && left.length === 0;
    }
    return false;
  }

  function listen({ port }) {
    port.addEventListener("message", (event) => {
      // Before the page is there, Dash keeps what is pushed until it is.
      if (document.getElementById("price-chart") && take(event.data, takers)) {
        event.stopImmediatePropagation();
      }
    });
  }

  if (window.SharedWorker) {
    const Worker = window.SharedWorker;
    window.SharedWorker = function SharedWorker(...args) {
      const made = new Worker(...args);
      listen(made);
      return made;
    };
    window.SharedWorker.prototype = Worker.prototype;
  }

  /**
   * Bring what is pushed as `data` of a component to a script instead of Dash.
   *
   * @param {string} componentId - Of a `dcc.Store`, whose own data then stays as it was.
   */
  function serve(componentId, taker) {
    takers[componentId] = taker;
  }

  own.fast_lane = { take, serve };
})();
