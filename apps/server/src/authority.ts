/**
 * The server's own certificate authority: it makes nodes and server known to each other, and nobody else.
 * ECDSA P-256; its key never leaves the data directory (0600), its certificate is what enrolment tokens pin.
 *
 * A node's certificate may only serve, the server's only call (extended key usage): a stolen node key cannot ask
 * anything of another node. Certificates of nodes last as long as the authority does; a node that is removed is
 * simply not called any more, since it is always the server that calls.
 */
import "reflect-metadata";
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { createPrivately, readOrNull } from "./private-file.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const AUTHORITY_YEARS = 10;
/** Made anew at every start of the server, so it need only outlive one run of it. */
const SERVER_YEARS = 2;
/** A node whose clock is behind by less than this still accepts what was just issued. */
const CLOCK_SKEW_MS = 3_600_000;
const YEAR_MS = 365 * 24 * 3_600_000;

export interface Identity {
  certificatePem: string;
  keyPem: string;
}

export interface Authority {
  caPem: string;
  /** SHA-256 of the certificate's DER in hex, as it stands in an enrolment token. */
  fingerprint: string;
  /** For the calls to agents. */
  issueServer(): Promise<Identity>;
  /** For the enrolment listener; clients check the fingerprint, so its name says nothing. */
  issueListener(): Promise<Identity>;
  /** Of the key that a request names (SHA-256 of its SPKI, hex), which proves nothing before signNode has checked it. */
  publicKeySha256(csrPem: string): string;
  /** invalid_input where the request is none, or is not signed by the key it names. */
  signNode(nodeId: string, csrPem: string): Promise<string>;
}

interface Keys {
  certificate: X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

type Purpose = { names: readonly string[]; usage: ExtendedKeyUsage; notAfter: Date };

/** Opens the authority in the directory, and makes it there at the very first start. */
export async function openAuthority(directory: string): Promise<Authority> {
  const path = join(directory, "authority.pem");
  const keys = (await load(path)) ?? (await create(path));
  const caPem = keys.certificate.toString("pem");

  const issue = async (commonName: string, purpose: Omit<Purpose, "notAfter">): Promise<Identity> => {
    const own = await newKeyPair();
    const notAfter = new Date(Math.min(Date.now() + SERVER_YEARS * YEAR_MS, keys.certificate.notAfter.getTime()));
    const certificatePem = await sign(keys, { commonName, publicKey: own.publicKey, ...purpose, notAfter });
    return { certificatePem, keyPem: await keyToPem(own.privateKey) };
  };

  return {
    caPem,
    fingerprint: sha256(keys.certificate.rawData),
    issueServer: () => issue("muster-server", { names: ["muster-server"], usage: ExtendedKeyUsage.clientAuth }),
    issueListener: () => issue("muster-enrolment", { names: ["muster-enrolment"], usage: ExtendedKeyUsage.serverAuth }),
    publicKeySha256: (csrPem) => {
      try {
        return sha256(new Pkcs10CertificateRequest(csrPem).publicKey.rawData);
      } catch (error) {
        throw badRequest(error);
      }
    },
    signNode: async (nodeId, csrPem) => {
      const publicKey = await verifiedKeyOf(csrPem);
      const { notAfter } = keys.certificate;
      return sign(keys, {
        commonName: nodeId,
        publicKey,
        names: [nodeId],
        usage: ExtendedKeyUsage.serverAuth,
        notAfter,
      });
    },
  };
}

/** Proof of possession: the request must be signed by the key that it carries. Nothing else of it is believed. */
async function verifiedKeyOf(csrPem: string): Promise<webcrypto.CryptoKey> {
  try {
    const request = new Pkcs10CertificateRequest(csrPem);
    const publicKey = await request.publicKey.export(ALGORITHM, ["verify"]);
    if (!(await request.verify())) throw new Error("the signature does not fit the key");
    return publicKey;
  } catch (error) {
    throw badRequest(error);
  }
}

const badRequest = (cause: unknown) =>
  new MusterError("invalid_input", "The certificate request must be a PKCS #10 one for an ECDSA P-256 key.", {
    cause,
    field: "csrPem",
  });

const sha256 = (bytes: ArrayBuffer): string => createHash("sha256").update(new Uint8Array(bytes)).digest("hex");

async function sign(
  keys: Keys,
  input: Purpose & { commonName: string; publicKey: webcrypto.CryptoKey },
): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${input.commonName}`,
    issuer: keys.certificate.subject,
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: input.notAfter,
    signingKey: keys.privateKey,
    publicKey: input.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([input.usage]),
      new SubjectAlternativeNameExtension(input.names.map((value) => ({ type: "dns", value }))),
      await AuthorityKeyIdentifierExtension.create(keys.certificate),
      await SubjectKeyIdentifierExtension.create(input.publicKey),
    ],
  });
  return certificate.toString("pem");
}

async function load(path: string): Promise<Keys | null> {
  const pem = await readOrNull(path);
  if (pem === null) return null;
  const at = pem.indexOf("-----BEGIN CERTIFICATE-----");
  if (at < 0) throw new MusterError("internal", "The authority's file holds no certificate.");
  return { certificate: new X509Certificate(pem.slice(at)), privateKey: await keyFromPem(pem.slice(0, at)) };
}

async function create(path: string): Promise<Keys> {
  await createPrivately(path, await newAuthority());
  const keys = await load(path); // ours, or that of a program that was quicker
  if (keys === null) throw new MusterError("internal", "The authority's file vanished as it was made.");
  return keys;
}

/** Key and certificate are one file, so that a first start that is cut short leaves both or neither. */
async function newAuthority(): Promise<string> {
  const keys = await newKeyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Muster authority",
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + AUTHORITY_YEARS * YEAR_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${await keyToPem(keys.privateKey)}${certificate.toString("pem")}\n`;
}

const newKeyPair = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

/** 127 random bits, positive (RFC 5280 section 4.1.2.2 asks for a positive one of at most 20 octets). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString("hex");
}

async function keyToPem(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/(.{64})(?=.)/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
}

function keyFromPem(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
}
