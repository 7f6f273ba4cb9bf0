/** The second half of `pnpm build`: what a browser fetches is compressed once, as well as brotli can. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { COMPRESSED_SUFFIX, filesBelow } from "./static-files.ts";

const directory = join(import.meta.dirname, "../../.next/static");

for (const path of filesBelow(directory)) {
  if (!/\.(js|css|svg)$/.test(path)) continue; // fonts are compressed in themselves
  const content = readFileSync(path);
  const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  writeFileSync(path + COMPRESSED_SUFFIX, brotliCompressSync(content, options));
}
