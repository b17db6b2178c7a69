/* <job-log src="…/logs" attempt="2" offset="1234">: follows a log from where the page ends. The answer may be a
   stream that stays open (the events process) or what is there now; either way we ask again where it ended, until
   the log is complete. `pinned` stays with its attempt, otherwise a newer attempt takes over. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;
const LINES_KEPT = 20000;

class JobLog extends HTMLElement {
  connectedCallback() {
    this.output = this.querySelector("pre");
    this.state = this.querySelector("[data-state]");
    if (!this.output) return;
    this.offset = Number(this.getAttribute("offset")) || 0;
    this.pause = PAUSE_MS;
    this.open = "";
    this.takeOpenLine();
    this.toEnd();
    if (!this.hasAttribute("complete")) this.follow();
  }

  disconnectedCallback() {
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  /* The last line of the page may go on: it becomes the open line, a node of its own. */
  takeOpenLine() {
    const text = this.output.textContent;
    const start = text.lastIndexOf("\n") + 1;
    this.open = text.slice(start);
    this.output.textContent = text.slice(0, start);
    this.openNode = document.createTextNode(this.open);
    this.output.append(this.openNode);
  }

  async follow() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => this.isConnected && this.follow(), { once: true });
      return;
    }
    this.abort = new AbortController();
    const query = new URLSearchParams({ follow: "1", offset: this.offset, attempt: this.getAttribute("attempt") });
    try {
      const answer = await fetch(`${this.getAttribute("src")}?${query}`, { signal: this.abort.signal });
      if (!answer.ok) throw new Error(answer.status);
      const got = await this.take(answer);
      this.pause = got ? PAUSE_MS : Math.min(this.pause * 1.5, LONGEST_PAUSE_MS);
      if (answer.headers.get("X-Log-Complete") === "true") return await this.ended(answer.headers.get("X-Job-State"));
      this.say("Following.");
    } catch (error) {
      if (error.name === "AbortError") return;
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
      this.say("The log cannot be reached. Trying again.");
    }
    this.again();
  }

  again() {
    this.timer = setTimeout(() => this.follow(), this.pause);
  }

  async take(answer) {
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let got = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      got += value.length;
      this.offset += value.length;
      this.add(decoder.decode(value, { stream: true }));
    }
    this.add(decoder.decode());
    return got;
  }

  async ended(jobState) {
    const isOver = ["done", "failed", "cancelled"].includes(jobState);
    if (isOver || this.hasAttribute("pinned")) return this.say("The log is complete.");
    this.say("This attempt has ended. Waiting for the next one.");
    const newest = await fetch(`${this.getAttribute("src")}?limit=1`, { signal: this.abort.signal });
    const attempt = newest.headers.get("X-Log-Attempt");
    if (newest.ok && attempt !== this.getAttribute("attempt")) {
      this.setAttribute("attempt", attempt);
      this.offset = 0;
      this.pause = PAUSE_MS;
      this.add(`\n── attempt ${attempt} ──\n`);
    }
    this.again();
  }

  /* A carriage return writes over the open line, as progress bars do. */
  add(text) {
    if (!text) return;
    const isAtEnd = this.output.scrollHeight - this.output.scrollTop - this.output.clientHeight < 30;
    const lines = (this.open + text).replaceAll("\r\n", "\n").split("\n");
    this.open = lines.pop();
    const shown = (line) => line.replace(/\r+$/, "").split("\r").pop();
    if (lines.length) this.openNode.before(`${lines.map(shown).join("\n")}\n`);
    this.openNode.data = shown(this.open);
    if (this.open.length > 10000) this.open = this.openNode.data.slice(-10000);
    this.forget(lines.length);
    if (isAtEnd) this.toEnd();
  }

  /* A page cannot show everything for ever: the oldest text goes, and the download has it all. */
  forget(added) {
    this.lines = (this.lines || 0) + added;
    if (this.lines < LINES_KEPT * 2) return;
    const text = this.output.textContent.split("\n").slice(-LINES_KEPT).join("\n");
    this.output.textContent = text;
    this.lines = LINES_KEPT;
    const open = this.openNode.data;
    this.output.textContent = open ? text.slice(0, -open.length) : text;
    this.output.append(this.openNode);
  }

  toEnd() {
    this.output.scrollTop = this.output.scrollHeight;
  }

  say(text) {
    if (this.state && this.state.textContent !== text) this.state.textContent = text;
  }
}

customElements.define("job-log", JobLog);
