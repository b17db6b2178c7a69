/* <live-region every="5" hx-trigger="refresh">: asks htmx to refresh when the events process says that something
   changed. Without it, it asks by itself, less often the longer nothing changes. Never while the tab is hidden. */
const LONGEST_SECONDS = 60;
const CALM_MILLISECONDS = 500;

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.onVisible = () => { if (document.hidden) { this.stop(); } else { this.start(); this.refresh(); } };
    document.addEventListener("visibilitychange", this.onVisible);
    this.addEventListener("htmx:beforeSwap", (event) => this.compare(event));
    this.addEventListener("htmx:afterRequest", () => this.plan());
    if (!document.hidden) this.start();
  }

  disconnectedCallback() {
    this.stop();
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  start() {
    this.seconds = Number(this.getAttribute("every")) || 5;
    this.listen();
    this.plan();
  }

  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    this.source?.close();
    this.source = null;
  }

  listen() {
    const address = document.querySelector('meta[name="events-url"]')?.content;
    if (!address || this.source) return;
    this.source = new EventSource(`${address}/events`, { withCredentials: true });
    this.source.addEventListener("changed", () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.refresh(), CALM_MILLISECONDS);
    });
    this.source.addEventListener("open", () => clearTimeout(this.timer));
    this.source.addEventListener("error", () => this.plan());
  }

  plan() {
    clearTimeout(this.timer);
    const isTold = this.source?.readyState === EventSource.OPEN;
    if (!document.hidden && !isTold) this.timer = setTimeout(() => this.refresh(), this.seconds * 1000);
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
