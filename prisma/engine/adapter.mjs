/**
 * @prisma/adapter-pg with four of its faults (7.10.0) worked around, each of which stops the schema engine:
 *
 * 1. It has no mapping for the catalogue types "char" (oid 18) and "char"[] (1002), which the engine's own
 *    introspection returns (prisma/orm#27403). They pass as text, and the engine is told they are characters.
 * 2. With `connectionString` its shadow database IS THE MAIN DATABASE: `{...config, database}` loses to the
 *    connection string. So host, port, user, password and database go in apart, always.
 * 3. It drops the shadow database while its own pool still holds a session in it. Ours ends the pool first.
 * 4. It cuts a script at every ";", in comments and function bodies too. PostgreSQL takes the script whole.
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { ColumnTypeEnum } from "@prisma/driver-adapter-utils";

const require = createRequire(import.meta.url);
const pg = createRequire(require.resolve("@prisma/adapter-pg"))("pg"); // the adapter's own copy of pg

const CHAR_TYPES = {
  18: { passesAs: 25, columnType: ColumnTypeEnum.Character },
  1002: { passesAs: 1009, columnType: ColumnTypeEnum.CharacterArray },
};

function teachPgChar() {
  const { addFields } = pg.Result.prototype;
  pg.Result.prototype.addFields = function (fields) {
    addFields.call(this, fields);
    for (const field of this.fields) {
      const char = CHAR_TYPES[field.dataTypeID];
      if (char === undefined) continue;
      field.dataTypeID = char.passesAs;
      field.charColumnType = char.columnType;
    }
  };
}

const mended = new WeakSet();

function mendAdapter(adapter) {
  let prototype = Object.getPrototypeOf(adapter);
  while (!Object.hasOwn(prototype, "queryRaw")) prototype = Object.getPrototypeOf(prototype);
  if (mended.has(prototype)) return adapter;
  mended.add(prototype);
  const { queryRaw } = prototype;
  prototype.queryRaw = async function (query) {
    let fields = [];
    const performIO = async (sql) => {
      const result = await this.performIO(sql);
      fields = result.fields;
      return result;
    };
    const result = await queryRaw.call(Object.create(this, { performIO: { value: performIO } }), query);
    fields.forEach((field, index) => {
      if (field.charColumnType !== undefined) result.columnTypes[index] = field.charColumnType;
    });
    return result;
  };
  Object.getPrototypeOf(adapter).executeScript = async function (script) {
    try {
      await this.client.query(script);
    } catch (error) {
      this.onError(error);
    }
  };
  return adapter;
}

class SchemaAdapterFactory extends PrismaPg {
  constructor(config, options) {
    super(config, options);
    this.settings = [config, options];
  }

  async connect() {
    return mendAdapter(await super.connect());
  }

  async connectToShadowDb() {
    const [config, options] = this.settings;
    const main = await this.connect();
    const database = `prisma_migrate_shadow_db_${randomUUID()}`;
    await main.executeScript(`CREATE DATABASE "${database}"`);
    const shadow = await new SchemaAdapterFactory({ ...config, database }, options).connect();
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await main.executeScript(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
      await main.dispose();
    };
    return shadow;
  }
}

/** @param {string | undefined} url */
export function adapterFactory(url) {
  teachPgChar();
  if (url === undefined) return new SchemaAdapterFactory({});
  const at = new URL(url);
  const sslMode = at.searchParams.get("sslmode") ?? "disable";
  const config = {
    host: decodeURIComponent(at.hostname),
    port: Number(at.port || 5432),
    user: decodeURIComponent(at.username),
    password: decodeURIComponent(at.password),
    database: decodeURIComponent(at.pathname.slice(1)),
    max: 2,
    ...(sslMode === "disable" ? {} : { ssl: { rejectUnauthorized: sslMode.startsWith("verify") } }),
  };
  const schema = at.searchParams.get("schema");
  return new SchemaAdapterFactory(config, schema === null ? undefined : { schema });
}
