/* <toast-list>: messages can be closed, and those that are no error leave by themselves. */
const STAY_MS = 8000;

class ToastList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-close]")) event.target.closest(".toast").remove();
    });
    for (const toast of this.querySelectorAll(".toast:not(.error, .warning)")) this.leaveLater(toast);
  }

  leaveLater(toast) {
    let timer = setTimeout(() => toast.remove(), STAY_MS);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("focusin", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), STAY_MS); });
  }
}

customElements.define("toast-list", ToastList);
