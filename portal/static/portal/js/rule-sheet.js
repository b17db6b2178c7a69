/* Rules of a page's own, where styles of elements are forbidden. The same rules again cost nothing. */
export class RuleSheet {
  constructor() {
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
  }

  write(rules) {
    const text = rules.join("\n");
    if (text === this.written) return;
    this.written = text;
    this.sheet.replaceSync(text);
  }
}
