/* <curve-overlay>: curves of runs in one drawing of the unit square. The pointer, or the arrow keys, tell the exact
   values of each curve where it passes closest; the buttons of the legend hide curves. */
const SVG = "http://www.w3.org/2000/svg";
const told = (value) => String(Number(value.toFixed(4)));

class CurveOverlay extends HTMLElement {
  connectedCallback() {
    this.drawing = this.querySelector("svg");
    this.size = this.drawing.viewBox.baseVal.width;
    this.said = this.querySelector(".overlay-said");
    this.lines = [...this.querySelectorAll("polyline")].map((line, number) => this.line(line, number));
    this.at = null;
    this.drawing.tabIndex = 0;
    this.drawing.addEventListener("pointermove", (event) => this.point(event));
    this.drawing.addEventListener("pointerleave", () => this.clear());
    this.drawing.addEventListener("blur", () => this.clear());
    this.drawing.addEventListener("keydown", (event) => this.press(event));
    this.classList.add("ready");
  }

  line(line, number) {
    const button = this.querySelectorAll(".chart-legend button")[number];
    const mark = document.createElementNS(SVG, "circle");
    mark.setAttribute("r", "4");
    mark.setAttribute("class", line.getAttribute("class"));
    mark.setAttribute("visibility", "hidden");
    this.drawing.append(mark);
    button.hidden = false;
    button.addEventListener("click", () => {
      const isShown = button.getAttribute("aria-pressed") === "false";
      button.setAttribute("aria-pressed", String(isShown));
      line.setAttribute("visibility", isShown ? "visible" : "hidden");
      this.show();
    });
    const places = line.getAttribute("points").split(" ").map((pair) => pair.split(",").map(Number));
    return { button, mark, places, value: this.querySelectorAll(".chart-legend output")[number] };
  }

  point(event) {
    const box = this.drawing.getBoundingClientRect();
    this.at = [((event.clientX - box.left) / box.width) * this.size, ((event.clientY - box.top) / box.height) * this.size];
    this.show();
  }

  press(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100 }[event.key];
    if (event.key === "Escape") this.clear();
    if (!step) return;
    event.preventDefault();
    const across = Math.min(this.size, Math.max(0, (this.at ? this.at[0] : 0) + (step / 100) * this.size));
    this.at = [across, null];
    this.show();
    this.said.textContent = this.shown().map((line) => `${line.button.textContent.trim()}: ${line.value.textContent}`).join("; ");
  }

  shown() {
    return this.lines.filter((line) => line.button.getAttribute("aria-pressed") === "true");
  }

  show() {
    for (const line of this.lines) {
      const isShown = this.at && line.button.getAttribute("aria-pressed") === "true";
      line.mark.setAttribute("visibility", isShown ? "visible" : "hidden");
      line.value.textContent = "";
      if (!isShown) continue;
      const [x, y] = this.closest(line.places);
      line.mark.setAttribute("cx", x);
      line.mark.setAttribute("cy", y);
      line.value.textContent = `${told(x / this.size)} → ${told(1 - y / this.size)}`;
    }
  }

  /* By the way to the pointer; along the axis alone for the keys, which have no height. */
  closest(places) {
    const [x, y] = this.at;
    const way = (place) => (place[0] - x) ** 2 + (y === null ? 0 : (place[1] - y) ** 2);
    return places.reduce((best, place) => (way(place) < way(best) ? place : best));
  }

  clear() {
    this.at = null;
    this.said.textContent = "";
    this.show();
  }
}

customElements.define("curve-overlay", CurveOverlay);
