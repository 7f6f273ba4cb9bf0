/** The native engine's command line, as far as the CLI of Prisma 7.10.0 uses it. */

const TAKES_VALUE = new Set(["--extension-types", "--enabled-preview-features"]);

/**
 * @param {readonly string[]} argv
 * @returns {{ version: boolean, datamodels: string[], url: string | undefined, databaseCommand: string | undefined }}
 */
export function parseArguments(argv) {
  const options = { version: false, datamodels: [], url: undefined, databaseCommand: undefined };
  const rest = argv.values();
  for (const argument of rest) {
    if (argument === "--version" || argument === "-V") options.version = true;
    else if (argument === "--datamodels") options.datamodels.push(rest.next().value);
    else if (argument === "--datasource") options.url = JSON.parse(rest.next().value).url;
    else if (argument === "cli") options.databaseCommand = rest.next().value;
    else if (TAKES_VALUE.has(argument)) rest.next();
  }
  return options;
}
