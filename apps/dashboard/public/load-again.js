// The program or the style of the page may not come: a machine changes its network, a daemon starts anew. Browsers leave the page
// empty then for good. This asks until the daemon answers again, and loads the page anew; after a few times a person decides.
(() => {
  const [kept, most, longest] = ["fairway.loads", 5, 8000];
  const isOfPage = (element) =>
    (element instanceof HTMLScriptElement && element.type === "module") ||
    (element instanceof HTMLLinkElement && element.rel === "stylesheet");
  const loads = () => {
    try {
      return Number(sessionStorage.getItem(kept) ?? 0);
    } catch {
      return Infinity; // Storage is forbidden here, so nobody could count.
    }
  };
  let missing = false;

  function tell(words) {
    const [heading, note, button] = ["h1", "p", "button"].map((name) => document.createElement(name));
    heading.textContent = "The dashboard has not loaded yet";
    note.textContent = words;
    button.textContent = "Load it again";
    button.type = "button";
    button.addEventListener("click", () => location.reload());
    document.body.replaceChildren(heading, note, button);
  }

  async function loadAgain(address, wait) {
    const times = loads();
    if (times >= most) return tell("A part of it does not come, though the daemon answers.");
    await new Promise((over) => setTimeout(over, wait));
    try {
      await fetch(address, { cache: "reload" });
    } catch {
      tell("The daemon does not answer. It is asked again until it does.");
      return loadAgain(address, Math.min(2 * wait, longest));
    }
    sessionStorage.setItem(kept, String(times + 1));
    location.reload();
  }

  addEventListener(
    "error",
    ({ target }) => {
      if (missing || document.readyState === "complete" || !isOfPage(target)) return;
      missing = true;
      void loadAgain(target.src ?? target.href, 250);
    },
    { capture: true },
  );
  addEventListener("load", () => {
    if (!missing && loads() > 0 && Number.isFinite(loads())) sessionStorage.removeItem(kept);
  });
})();
