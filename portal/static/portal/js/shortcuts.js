/* Keys for people who work here all day. They are listed in the dialog #shortcuts, which `?` opens; a key does nothing
   while one types. `g` and a second key go to a page. */
const WAIT_MS = 1200;
const PLACES = { h: "/", e: "/experiments", r: "/runs", t: "/training", d: "/datasets", m: "/models", j: "/jobs", i: "/inbox" };
let isGoing = false, timer = 0;

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  if (isGoing) {
    isGoing = false;
    if (PLACES[event.key]) {
      event.preventDefault();
      event.stopImmediatePropagation();
      location.assign(PLACES[event.key]);
    }
    return;
  }
  if (event.key === "g") {
    isGoing = true;
    clearTimeout(timer);
    timer = setTimeout(() => { isGoing = false; }, WAIT_MS);
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    document.getElementById("shortcuts")?.showModal();
    return;
  }
  const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) target.focus();
  else target.click();
}, { capture: true });
