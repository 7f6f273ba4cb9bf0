/** zod compiles its parsers with `new Function` where it may; the Content-Security-Policy forbids that, so it is told not to try. */
import { config } from "zod";

config({ jitless: true });
