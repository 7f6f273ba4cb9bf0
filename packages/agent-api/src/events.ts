/** Server-sent events as tRPC writes them (WHATWG HTML, section 9.2): the little of it that this wire uses. */

export interface ServerEvent {
  /** Empty for an item; otherwise one of tRPC's own: "connected", "ping", "return", "serialized-error". */
  event: string;
  data: string;
}

export function writeEvent({ event, data }: ServerEvent): string {
  return event === "" ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}

/** An event is never longer: terminal output comes in pieces of at most 64 KiB, a sample of 500 VPSs is 120 KiB. */
const EVENT_MAX_CHARACTERS = 8 * 1024 * 1024;

function parseEvent(block: string): ServerEvent | null {
  const found: ServerEvent = { event: "", data: "" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
    else if (line.startsWith("event:")) found.event = line.slice(6).trim();
  }
  found.data = data.join("\n");
  return found.event === "" && data.length === 0 ? null : found;
}

export async function* readEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = "";
  for await (const chunk of chunks) {
    rest += chunk;
    for (let end = rest.indexOf("\n\n"); end !== -1; end = rest.indexOf("\n\n")) {
      const event = parseEvent(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (event !== null) yield event;
    }
    if (rest.length > EVENT_MAX_CHARACTERS) throw new Error("a server-sent event is longer than 8 MiB");
  }
}
