/* The facets beside a table: open on wide screens unless the person closed them, and counted when they are open. */
const WIDE = 1100, KEY = "portal_facets";
const panel = document.getElementById("facets");

if (panel) {
  const ask = () => setTimeout(() => panel.dispatchEvent(new CustomEvent("opened")));
  panel.addEventListener("toggle", () => {
    if (innerWidth >= WIDE) localStorage.setItem(KEY, panel.open ? "open" : "closed");
    if (panel.open) ask();
  });
  if (innerWidth >= WIDE && localStorage.getItem(KEY) !== "closed") panel.open = true;
}

/* A short list of columns is soon read, a long one is searched. */
for (const input of document.querySelectorAll("[data-narrow]")) {
  input.addEventListener("input", () => {
    for (const label of input.form.querySelectorAll("label.check")) label.hidden = !label.textContent.toLowerCase().includes(input.value.toLowerCase());
  });
}
