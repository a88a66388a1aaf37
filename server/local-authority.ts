import 'reflect-metadata'
import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate (PEM) and its private key (PKCS #8, PEM). */
export type KeyPair = { cert: string; key: string }

/** P-256: the curve that every TLS client has. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000
const authorityDays = 3650
/** The longest that Apple's clients accept from an authority that a user added (support.apple.com/103769). */
const serverDays = 825
const renewDaysBefore = 30
/** Clocks of nodes may be behind ours. */
const backdateMs = dayMs

/** Makes the authority that signs this portal's certificates, and nothing else: it may not sign another authority. */
export async function makeAuthority(name: string): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`Sallyport local authority of ${name}`] }],
    ...validity(authorityDays),
    serialNumber: makeSerial(),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: cert.toString('pem'), key: await exportKey(keys.privateKey) }
}

/** Signs a certificate for `hosts`. A renewal keeps `key`, so that a pinned key stays right. */
export async function makeServerCertificate(
  authority: KeyPair,
  hosts: string[],
  key?: string,
): Promise<KeyPair> {
  const issuer = new Certificate(authority.cert)
  const keys = key
    ? await importKeys(key)
    : await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await X509CertificateGenerator.create({
    subject: [{ CN: [(hosts[0] ?? 'localhost').slice(0, 64)] }],
    issuer: issuer.subject,
    ...validity(serverDays),
    serialNumber: makeSerial(),
    signingAlgorithm: algorithm,
    signingKey: (await importKeys(authority.key)).privateKey,
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map(toGeneralName)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  })
  return { cert: cert.toString('pem'), key: await exportKey(keys.privateKey) }
}

/** Whether the certificate is of this authority, names every host, and lasts a while yet. */
export function stillServes(pair: KeyPair, authority: KeyPair, hosts: string[]): boolean {
  const cert = new X509Certificate(pair.cert)
  const names = hosts.every((host) => (isIP(host) ? cert.checkIP(host) : cert.checkHost(host)))
  const lasts = Date.parse(cert.validTo) - Date.now() > renewDaysBefore * dayMs
  return names && lasts && cert.verify(new X509Certificate(authority.cert).publicKey)
}

/** SHA-256 of a certificate's public key (SPKI, DER): what pins name. */
export function publicKeyDigest(certPem: string): Buffer {
  const spki = new X509Certificate(certPem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest()
}

function validity(days: number) {
  const notBefore = new Date(Date.now() - backdateMs)
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * dayMs) }
}

/** 127 random bits; the first byte positive and not zero, as RFC 5280 section 4.1.2.2 asks. */
function makeSerial(): string {
  const bytes = crypto.getRandomValues(Buffer.alloc(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01
  return bytes.toString('hex')
}

function toGeneralName(host: string): JsonGeneralName {
  return { type: isIP(host) ? 'ip' : 'dns', value: host }
}

async function exportKey(key: CryptoKey): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function importKeys(pem: string): Promise<CryptoKeyPair> {
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), algorithm, true, ['sign']),
    crypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']),
  ])
  return { privateKey, publicKey }
}
