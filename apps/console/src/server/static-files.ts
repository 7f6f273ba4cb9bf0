/**
 * Scripts, styles and fonts of the build. They are compressed once, when the console is built (compress-build.ts), and not
 * at every request as Next does: brotli at its best saves a tenth of the bytes over gzip, and a load costs no time on this side.
 *
 * Only names that were found at the start are served, so no path that a browser sends ever reaches the file system.
 */
import { createReadStream, existsSync, readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative } from "node:path";
import { pipeline } from "node:stream";

const URL_PREFIX = "/_next/static/";
export const COMPRESSED_SUFFIX = ".br";

const CONTENT_TYPE: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
};

interface StaticFile {
  path: string;
  contentType: string;
  compressed: boolean;
}

export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function findFiles(directory: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const path of filesBelow(directory)) {
    const contentType = CONTENT_TYPE[extname(path)];
    if (contentType === undefined) continue;
    const url = URL_PREFIX + relative(directory, path);
    files.set(url, { path, contentType, compressed: existsSync(path + COMPRESSED_SUFFIX) });
  }
  return files;
}

function takesBrotli(incoming: IncomingMessage): boolean {
  return /\bbr\b/.test(String(incoming.headers["accept-encoding"] ?? ""));
}

/** @returns answers the request and says true, or says false where the file is not one of these. */
export function staticFiles(directory: string) {
  const files = findFiles(directory);
  return (incoming: IncomingMessage, outgoing: ServerResponse): boolean => {
    const [url = ""] = (incoming.url ?? "").split("?");
    const file = files.get(url);
    if (file === undefined || incoming.method !== "GET") return false;
    const compressed = file.compressed && takesBrotli(incoming);
    outgoing.setHeader("content-type", file.contentType);
    // Their names carry a hash of their content.
    outgoing.setHeader("cache-control", "public, max-age=31536000, immutable");
    outgoing.setHeader("vary", "accept-encoding");
    if (compressed) outgoing.setHeader("content-encoding", "br");
    pipeline(createReadStream(compressed ? file.path + COMPRESSED_SUFFIX : file.path), outgoing, (error) => {
      if (error && !outgoing.headersSent) outgoing.writeHead(404).end();
    });
    return true;
  };
}
