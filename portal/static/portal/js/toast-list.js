/* <toast-list>: messages can be closed, and those that are no error leave by themselves. */
const STAY_MS = 8000;

class ToastList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-close]")) event.target.closest(".toast").remove();
    });
    document.addEventListener("toast", (event) => this.tell(event.detail));
    for (const toast of this.querySelectorAll(".toast:not(.error, .warning)")) this.leaveLater(toast);
  }

  /* What a script has to say: it stays until it is closed. */
  tell(text) {
    const toast = document.createElement("div");
    toast.className = "toast error";
    const said = document.createElement("p");
    said.textContent = text;
    const close = document.createElement("button");
    Object.assign(close, { className: "button quiet small", type: "button", textContent: "×", ariaLabel: "Close this message" });
    close.dataset.close = "";
    toast.append(said, close);
    this.append(toast);
  }

  leaveLater(toast) {
    let timer = setTimeout(() => toast.remove(), STAY_MS);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("focusin", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), STAY_MS); });
  }
}

customElements.define("toast-list", ToastList);
