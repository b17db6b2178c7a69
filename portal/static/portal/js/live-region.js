/* <live-region every="5" hx-trigger="refresh">: asks htmx to refresh, less often the longer nothing changes,
   and not at all while the tab is hidden. */
const LONGEST_SECONDS = 60;

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.reset();
    this.onVisible = () => { if (!document.hidden) { this.reset(); this.refresh(); } else { clearTimeout(this.timer); } };
    document.addEventListener("visibilitychange", this.onVisible);
    this.addEventListener("htmx:beforeSwap", (event) => this.compare(event));
    this.addEventListener("htmx:afterRequest", () => this.plan());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  reset() {
    this.seconds = Number(this.getAttribute("every")) || 5;
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.refresh(), this.seconds * 1000);
  }

  refresh() {
    this.dispatchEvent(new CustomEvent("refresh"));
  }

  compare(event) {
    const answer = event.detail.serverResponse;
    if (answer === this.last || this.contains(document.activeElement)) {
      event.detail.shouldSwap = false;
      this.seconds = Math.min(this.seconds * 1.5, LONGEST_SECONDS);
    } else {
      this.seconds = Number(this.getAttribute("every")) || 5;
      this.last = answer;
    }
  }
}

customElements.define("live-region", LiveRegion);
