/* What is chosen in a table of runs and what can be done with it: how many, all that match, one field in the place of
   hundreds, a star and a name in place. */
const form = document.getElementById("picked");
const table = document.querySelector("runs-table");
const acts = document.querySelector("[data-acts]");
const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

if (form && table && acts) {
  const count = acts.querySelector("[data-count]"), every = acts.querySelector("[data-every]"), register = acts.querySelector("[data-register]");
  const chosen = () => [...table.querySelectorAll("td.pick input:checked")];

  const show = () => {
    const ids = chosen().map((box) => box.value);
    const all = every.querySelector("input");
    every.hidden = !(ids.length && ids.length === table.rows.length && table.next);
    if (every.hidden) all.checked = false;
    count.textContent = all.checked ? "All that match are chosen" : ids.length ? `${ids.length.toLocaleString("en")} chosen` : "None chosen";
    register.hidden = ids.length !== 1;
    if (ids.length === 1) register.href = `/runs/${ids[0]}/register`;
    acts.toggleAttribute("data-some", ids.length > 0);
  };
  table.addEventListener("chosen", show);
  table.addEventListener("rows-added", show);
  every.addEventListener("change", show);
  addEventListener("pageshow", show);

  form.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm;
    if (question && !confirm(`${count.textContent}. ${question}`)) return event.preventDefault();
    const boxes = chosen();
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "runs", value: boxes.map((box) => box.value).join(",") });
    form.querySelector("input[name=runs]")?.remove();
    form.append(field);
    for (const box of boxes) box.disabled = true;
    setTimeout(() => { for (const box of boxes) box.disabled = false; });
    return undefined;
  });

  const send = (address, values) => fetch(address, {
    method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(values), redirect: "manual",
  });

  table.addEventListener("click", async (event) => {
    const star = event.target.closest("button.star");
    if (!star) return;
    const isOn = star.getAttribute("aria-pressed") !== "true";
    const answer = await send(`/runs/${star.closest("tr").dataset.run}/mark`, { star: isOn ? "1" : "0" });
    if (answer.ok) { star.setAttribute("aria-pressed", String(isOn)); star.textContent = isOn ? "★" : "☆"; }
  });

  /* A colour of one's own: the next of the twelve with each click, the run's own again with Shift. */
  table.addEventListener("click", async (event) => {
    const dot = event.target.closest("button.run-dot");
    if (!dot) return;
    const present = Number(/run-colour-(\d+)/.exec(dot.className)[1]);
    const next = event.shiftKey ? "" : String((present % 12) + 1);
    const answer = await send(`/runs/${dot.closest("tr").dataset.run}/mark`, { colour: next });
    if (!answer.ok) return;
    if (next) dot.classList.replace(`run-colour-${present}`, `run-colour-${next}`);
    else location.reload();
  });

  const rename = (row) => {
    const link = row.querySelector("th a"), before = link.textContent;
    const input = document.createElement("input");
    Object.assign(input, { value: before, maxLength: 250, className: "inline-name" });
    input.setAttribute("aria-label", `New name of ${before}`);
    let isOver = false;
    const end = async (isKept) => {
      if (isOver) return;
      isOver = true;
      const name = input.value.trim();
      if (isKept && name && name !== before) {
        const answer = await send(`/runs/${row.dataset.run}/name`, { name, before });
        if (answer.ok) link.textContent = name;
        else document.dispatchEvent(new CustomEvent("toast", { detail: (await answer.json().catch(() => ({}))).detail ?? "The run was not renamed." }));
      }
      input.replaceWith(link);
      link.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); end(event.key === "Enter"); }
    });
    input.addEventListener("blur", () => end(true));
    link.replaceWith(input);
    input.select();
  };
  table.addEventListener("edit-name", (event) => rename(event.target));
  table.addEventListener("dblclick", (event) => {
    const row = event.target.closest("tr[data-run]");
    if (row && event.target.closest("th") && !event.target.closest("button")) { event.preventDefault(); rename(row); }
  });
  show();
}
