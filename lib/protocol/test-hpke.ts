import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
} from 'node:crypto'

/**
 * HPKE once more, from RFC 9180 and node:crypto alone: an oracle for tests, so that sealing.ts is not its own judge.
 * DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002, base mode, one message.
 */
type Keys = { publicKey: Buffer; privateKey: Buffer }
type Message = { info: Buffer; aad: Buffer }

const kemSuite = Buffer.concat([Buffer.from('KEM'), Buffer.from([0x00, 0x20])])
const hpkeSuite = Buffer.concat([Buffer.from('HPKE'), Buffer.from([0x00, 0x20, 0x00, 0x01, 0x00, 0x02])])
const empty = Buffer.alloc(0)

export function makeOracleKeys(): Keys {
  const { privateKey } = generateKeyPairSync('x25519')
  const { x, d } = privateKey.export({ format: 'jwk' })
  return { publicKey: Buffer.from(x ?? '', 'base64url'), privateKey: Buffer.from(d ?? '', 'base64url') }
}

export function oracleSeal(to: Buffer, message: Message, plain: Buffer) {
  const ephemeral = makeOracleKeys()
  const dh = agree(ephemeral.privateKey, to)
  const { key, nonce } = schedule(decap(dh, ephemeral.publicKey, to), message.info)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(message.aad)
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { enc: ephemeral.publicKey, ciphertext }
}

export function oracleOpen(by: Keys, message: Message, sealed: { enc: Buffer; ciphertext: Buffer }): Buffer {
  const dh = agree(by.privateKey, sealed.enc)
  const { key, nonce } = schedule(decap(dh, sealed.enc, by.publicKey), message.info)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
    .setAAD(message.aad)
    .setAuthTag(sealed.ciphertext.subarray(-16))
  return Buffer.concat([decipher.update(sealed.ciphertext.subarray(0, -16)), decipher.final()])
}

/** RFC 9180, section 4.1: ExtractAndExpand over the shared point. */
function decap(dh: Buffer, enc: Buffer, recipient: Buffer): Buffer {
  const eaePrk = labeledExtract(kemSuite, { salt: empty, label: 'eae_prk', ikm: dh })
  return labeledExpand(kemSuite, {
    prk: eaePrk,
    label: 'shared_secret',
    info: Buffer.concat([enc, recipient]),
    length: 32,
  })
}

/** RFC 9180, section 5.1, base mode. */
function schedule(sharedSecret: Buffer, info: Buffer): { key: Buffer; nonce: Buffer } {
  const pskIdHash = labeledExtract(hpkeSuite, { salt: empty, label: 'psk_id_hash', ikm: empty })
  const infoHash = labeledExtract(hpkeSuite, { salt: empty, label: 'info_hash', ikm: info })
  const context = Buffer.concat([Buffer.from([0]), pskIdHash, infoHash])
  const secret = labeledExtract(hpkeSuite, { salt: sharedSecret, label: 'secret', ikm: empty })
  return {
    key: labeledExpand(hpkeSuite, { prk: secret, label: 'key', info: context, length: 32 }),
    nonce: labeledExpand(hpkeSuite, { prk: secret, label: 'base_nonce', info: context, length: 12 }),
  }
}

function labeledExtract(
  suite: Buffer,
  { salt, label, ikm }: { salt: Buffer; label: string; ikm: Buffer },
): Buffer {
  const labeled = Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm])
  return createHmac('sha256', salt.length > 0 ? salt : Buffer.alloc(32))
    .update(labeled)
    .digest()
}

function labeledExpand(
  suite: Buffer,
  { prk, label, info, length }: { prk: Buffer; label: string; info: Buffer; length: number },
): Buffer {
  const size = Buffer.alloc(2)
  size.writeUInt16BE(length)
  const labeled = Buffer.concat([size, Buffer.from('HPKE-v1'), suite, Buffer.from(label), info])
  // One block of HKDF-Expand (RFC 5869) holds 32 bytes: all that is asked for here.
  return createHmac('sha256', prk)
    .update(labeled)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, length)
}

function agree(privateKey: Buffer, publicKey: Buffer): Buffer {
  return diffieHellman({
    privateKey: createPrivateKey({
      key: { kty: 'OKP', crv: 'X25519', d: privateKey.toString('base64url'), x: publicOf(privateKey) },
      format: 'jwk',
    }),
    publicKey: createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: publicKey.toString('base64url') },
      format: 'jwk',
    }),
  })
}

function publicOf(privateKey: Buffer): string {
  // DER of a PKCS #8 X25519 key up to its 32 bytes (RFC 8410, section 7).
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateKey])
  return (
    createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' })
      .x ?? ''
  )
}
