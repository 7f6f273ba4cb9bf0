/** A small certificate authority for tests of this wire; the product's own is in packages/control. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Credentials } from "./listen.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;

export interface TestAuthority {
  certificate: X509Certificate;
  caPem: string;
  /** A certificate of this authority with the name as CN and as SAN. */
  issue(name: string): Promise<Credentials>;
  /** The same for a key that somebody else holds, as enrolment does it. */
  sign(name: string, publicKey: webcrypto.CryptoKey): Promise<string>;
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

export async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
}

const lifetime = () => ({ notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + HOUR_MS) });

export async function createTestAuthority(): Promise<TestAuthority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Muster test authority",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
    ...lifetime(),
  });
  const caPem = certificate.toString("pem");

  const sign = async (name: string, publicKey: webcrypto.CryptoKey): Promise<string> => {
    const signed = await X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: certificate.subject,
      signingKey: keys.privateKey,
      publicKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
      ...lifetime(),
    });
    return signed.toString("pem");
  };

  return {
    certificate,
    caPem,
    sign,
    async issue(name) {
      const own = await newKeys();
      return { caPem, certificatePem: await sign(name, own.publicKey), keyPem: await pemOfKey(own.privateKey) };
    },
  };
}
