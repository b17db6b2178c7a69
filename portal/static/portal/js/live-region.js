/* <live-region every="5" hx-trigger="refresh">: asks htmx to refresh, less often the longer nothing changes,
   and not at all while the tab is hidden. With events="…" the server says when to ask, and asking by the clock
   is only the fallback. */
const LONGEST_SECONDS = 60;
const LEAST_MS_BETWEEN = 2000;

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.refreshedAt = 0;
    this.seconds = this.every;
    this.onVisible = () => (document.hidden ? this.rest() : this.wake());
    document.addEventListener("visibilitychange", this.onVisible);
    this.addEventListener("htmx:beforeSwap", (event) => this.compare(event));
    this.addEventListener("htmx:afterRequest", () => this.plan());
    if (!document.hidden) this.listen();
    this.plan();
  }

  disconnectedCallback() {
    this.rest();
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  get every() {
    return Number(this.getAttribute("every")) || 5;
  }

  wake() {
    this.seconds = this.every;
    this.listen();
    this.refresh();
  }

  rest() {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
  }

  listen() {
    const source = this.getAttribute("events");
    if (!source || this.stream) return;
    this.stream = new EventSource(`${source}/events`, { withCredentials: true });
    this.stream.addEventListener("changed", () => this.refreshSoon());
    this.stream.addEventListener("error", () => {
      if (this.stream?.readyState !== EventSource.CLOSED) return;
      this.stream = null;
      this.removeAttribute("events");
      this.plan();
    });
  }

  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), Math.max(0, this.refreshedAt + LEAST_MS_BETWEEN - Date.now()));
  }

  plan() {
    clearTimeout(this.timer);
    const seconds = this.stream ? LONGEST_SECONDS : this.seconds;
    if (!document.hidden) this.timer = setTimeout(() => this.refresh(), seconds * 1000);
  }

  refresh() {
    this.refreshedAt = Date.now();
    this.dispatchEvent(new CustomEvent("refresh"));
  }

  /* Nothing new, or somebody is using the keyboard in here: leave the page as it is. */
  compare(event) {
    const answer = event.detail.serverResponse;
    if (answer === this.last || this.contains(document.activeElement)) {
      event.detail.shouldSwap = false;
      this.seconds = Math.min(this.seconds * 1.5, LONGEST_SECONDS);
    } else {
      this.seconds = this.every;
      this.last = answer;
    }
  }
}

customElements.define("live-region", LiveRegion);
