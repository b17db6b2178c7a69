/* <copy-button for="id"> or <copy-button text="…">: copies and says so. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    if (this.firstElementChild) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = "Copy";
    const what = this.getAttribute("label");
    if (what) button.setAttribute("aria-label", `Copy ${what}`);
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    this.append(button, said);
    button.addEventListener("click", () => this.copy(button, said));
  }

  get text() {
    const source = document.getElementById(this.getAttribute("for") ?? "");
    return source ? source.textContent.trim() : (this.getAttribute("text") ?? "");
  }

  async copy(button, said) {
    const done = await write(this.text);
    button.textContent = done ? "Copied" : "Press Ctrl-C";
    said.textContent = done ? "Copied to the clipboard" : "Copying failed";
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
  }
}

/* The clipboard API needs HTTPS or localhost; a selected text field serves everywhere else. */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

customElements.define("copy-button", CopyButton);
