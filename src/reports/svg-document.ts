/** A node of an SVG document that is only ever built and written out: what Plot asks of a browser, and no more. */
export class SvgNode {
  readonly childNodes: SvgNode[] = [];
  readonly style = { setProperty: (name: string, value: string) => this.setAttribute("style", `${name}:${value}`) };
  parentNode: SvgNode | null = null;
  readonly #attributes = new Map<string, string>();
  #text = "";

  constructor(
    readonly ownerDocument: SvgDocument,
    /** The element's name, or "#text". */
    readonly nodeName: string,
    readonly namespaceURI: string | null,
  ) {}

  get textContent(): string {
    return this.#text + this.childNodes.map((child) => child.textContent).join("");
  }

  set textContent(text: string) {
    this.childNodes.length = 0;
    this.#text = String(text);
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  setAttributeNS(_space: string | null, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  appendChild(child: SvgNode): SvgNode {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgNode, next: SvgNode | null): SvgNode {
    child.parentNode?.removeChild(child);
    const at = next === null ? this.childNodes.length : this.childNodes.indexOf(next);
    this.childNodes.splice(at, 0, child);
    child.parentNode = this;
    return child;
  }

  removeChild(child: SvgNode): SvgNode {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
    child.parentNode = null;
    return child;
  }

  toString(): string {
    if (this.nodeName === "#text") return escapeXml(this.#text);
    const attributes = [...this.#attributes].map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join("");
    return `<${this.nodeName}${attributes}>${escapeXml(this.#text)}${this.childNodes.join("")}</${this.nodeName}>`;
  }
}

/** The document that makes such nodes: the `document` option of Plot. */
export class SvgDocument {
  readonly documentElement = new SvgNode(this, "svg", "http://www.w3.org/2000/svg");

  createElement(name: string): SvgNode {
    return new SvgNode(this, name, "http://www.w3.org/1999/xhtml");
  }

  createElementNS(space: string, name: string): SvgNode {
    return new SvgNode(this, name, space);
  }

  createTextNode(text: string): SvgNode {
    const node = new SvgNode(this, "#text", null);
    node.textContent = text;
    return node;
  }
}

/** Text that is safe between tags and inside double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
