import { pageNonce } from "../nonce.ts";

/**
 * xterm makes <style> elements when it opens; the Content-Security-Policy wants this page's nonce on each. It has an
 * option for the document to use, but its scroll bar does not heed it, so for the length of one call the document is dressed up.
 */
export function withNoncedStyles(open: () => void) {
  const create = Document.prototype.createElement.bind(document);
  Object.defineProperty(document, "createElement", {
    configurable: true,
    value: (name: string, options?: ElementCreationOptions) => {
      const element = create(name, options);
      if (name === "style") element.nonce = pageNonce();
      return element;
    },
  });
  try {
    open();
  } finally {
    Reflect.deleteProperty(document, "createElement"); // the prototype's own is there again
  }
}
