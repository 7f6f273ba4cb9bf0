/**
 * This page's nonce, for what makes <style> elements in the browser: xterm (terminal/nonced-styles.ts) and react-remove-scroll
 * behind every dialog, which looks for it under webpack's global name.
 */
declare global {
  var __webpack_nonce__: string | undefined;
}

export function rememberNonce(nonce: string) {
  if (typeof window !== "undefined") globalThis.__webpack_nonce__ = nonce;
}

export function pageNonce(): string {
  return globalThis.__webpack_nonce__ ?? "";
}
