import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { isForServer, upstreamProxy } from "./upstream.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port }: Pick<AddressInfo, "port"> = Object(server.address());
  return port;
}

test("only the API's own paths are handed on", () => {
  expect(["/trpc/fleet.tree?batch=1", "/api/auth/sign-in/email", "/trpc"].every(isForServer)).toBe(true);
  expect(["/", "/trpcx", "/api/other", "/_next/static/trpc/x.js"].some(isForServer)).toBe(false);
});

test("an event reaches the browser as it is sent, not when the stream ends; a closed tab closes the stream", async () => {
  const closed = Promise.withResolvers<void>();
  const port = await listen(
    createServer((request, response) => {
      request.on("close", () => closed.resolve());
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
    }),
  );
  const proxy = upstreamProxy({ host: "127.0.0.1", port }, () => undefined);
  const consolePort = await listen(createServer(proxy));
  const first = Promise.withResolvers<string>();
  const browser = get({ port: consolePort, host: "127.0.0.1", path: "/trpc/jobs.watch" }, (response) => {
    response.once("data", (chunk: Buffer) => first.resolve(chunk.toString()));
    response.on("error", () => undefined);
  });
  browser.on("error", () => undefined);
  expect(await first.promise).toBe("data: first\n\n");
  browser.destroy();
  await closed.promise;
});

test.each(["GET", "DELETE", "POST"])(
  "what stands in the body of a %s is no request of its own to the server",
  async (method) => {
    const seen: string[] = [];
    const port = await listen(
      createServer(async (request, response) => {
        seen.push(`${request.method} ${request.url} ${await text(request)}`);
        response.end("ok");
      }),
    );
    const consolePort = await listen(createServer(upstreamProxy({ host: "127.0.0.1", port }, () => undefined)));
    const body = "POST /trpc/vps.delete HTTP/1.1\r\nhost: x\r\nx-swallows: ";
    const stranger = connect(consolePort, "127.0.0.1");
    stranger.write(`${method} /trpc/one HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    stranger.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    await once(stranger, "data");
    const answer = await fetch(`http://127.0.0.1:${consolePort}/trpc/two`);
    expect(await answer.text()).toBe("ok");
    expect(seen).toEqual([`${method} /trpc/one ${body}`, "GET /trpc/two "]);
    stranger.destroy();
  },
);

test("a server that does not answer is said in the API's own error shape", async () => {
  const failures: Error[] = [];
  const proxy = upstreamProxy({ host: "127.0.0.1", port: 1 }, (error) => failures.push(error));
  const port = await listen(createServer(proxy));
  const answer = await fetch(`http://127.0.0.1:${port}/trpc/session.me`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { data: { muster: { code: "internal" } } } });
  expect(failures).toHaveLength(1);
});
