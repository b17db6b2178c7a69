/* <image-slider>: two pictures over each other, and a slider that says how much of the upper one is seen. */
class ImageSlider extends HTMLElement {
  connectedCallback() {
    const [upper, slider] = [this.querySelector(".over"), this.querySelector("input")];
    const show = () => { upper.style.clipPath = `inset(0 0 0 ${100 - Number(slider.value)}%)`; };
    slider.addEventListener("input", show);
    this.classList.add("ready");
    show();
  }
}

customElements.define("image-slider", ImageSlider);
