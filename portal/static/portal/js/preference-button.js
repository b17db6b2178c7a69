/* <preference-button name="theme">: switches theme or density at once; the form around the button does the same
   through the server where scripts are off. */
const ATTRIBUTE = { theme: "data-theme", density: "data-density" };
const YEAR_SECONDS = 31_536_000;

class PreferenceButton extends HTMLElement {
  connectedCallback() {
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.toggle();
    });
    this.show();
  }

  get name() {
    return this.getAttribute("name");
  }

  get value() {
    const set = document.documentElement.getAttribute(ATTRIBUTE[this.name]);
    if (this.name === "density") return set === "dense" ? "dense" : "regular";
    return set ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  toggle() {
    const next = { light: "dark", dark: "light", dense: "regular", regular: "dense" }[this.value];
    document.documentElement.setAttribute(ATTRIBUTE[this.name], next);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `portal_${this.name}=${next}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
    this.show();
    document.dispatchEvent(new CustomEvent("preference", { detail: this.name }));
  }

  show() {
    const isOn = this.value === "dark" || this.value === "dense";
    this.querySelector("button").setAttribute("aria-pressed", String(isOn));
    this.querySelector("input[name=value]").value = { light: "dark", dark: "light", dense: "regular", regular: "dense" }[this.value];
  }
}

customElements.define("preference-button", PreferenceButton);
