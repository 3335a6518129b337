/** Logging out, and what becomes of a page whose session has ended. */
(() => {
  const own = (window.dash_clientside ??= {});
  const UNAUTHORIZED = 401;

  /** Go to the login, and from there back to where the viewer was. */
  function leave() {
    window.location.reload(); // without a session the server answers with the login
  }

  document.addEventListener("click", async ({ target }) => {
    if (target.id === "access-logout" && (await own.actions.post("/access/logout")).ok) {
      leave();
    }
  });

  /**
   * Look at the status of an answer.
   *
   * @param {number} status - Of any request of the page.
   */
  function heed(status) {
    if (status === UNAUTHORIZED) {
      leave();
    }
  }

  own.access = { heed };
})();
