import { join } from "node:path";
import type { NextConfig } from "next";

const workspace = join(import.meta.dirname, "../..");

/** `pnpm check` runs tsc and Biome over this folder; the build does not repeat them. */
const config: NextConfig = {
  outputFileTracingRoot: workspace,
  turbopack: { root: workspace },
  transpilePackages: ["@muster/model"],
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  // Visited pages come back at once; what they show is TanStack Query's, which keeps itself fresh.
  experimental: {
    staleTimes: { dynamic: 300, static: 300 },
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "recharts"],
  },
};

export default config;
