/**
 * xterm makes <style> elements; the Content-Security-Policy wants this page's nonce on each. It lets itself be given a
 * document, so it gets this one.
 */
export function documentWithNonce(): Document {
  const nonce = document.querySelector<HTMLStyleElement>("style[nonce]")?.nonce ?? "";
  return new Proxy(document, {
    get(target, key) {
      if (key === "createElement") {
        return (name: string) => {
          const element = target.createElement(name);
          if (name === "style") element.nonce = nonce;
          return element;
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
