/** Raw bytes of a terminal: a character of several bytes may be cut anywhere, so text is made by xterm and not here. */
export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
