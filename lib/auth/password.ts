import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { rateLimited } from '@/lib/errors'
import { processShared } from '@/lib/process-shared'

const deriveKey = promisify(argon2)

/** OWASP ASVS 5.0, appendix C: argon2id with t=1, m≥46 MiB, p=1. */
const cost = { memory: 47_104, passes: 1, parallelism: 1 }
const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{22,64})\$([A-Za-z0-9+/]{43,88})$/

/** The hash as text in PHC form, with the cost it was made at. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const hash = await derive(password, nonce, cost)
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(nonce)}$${unpadded(hash)}`
}

/** Without a hash (an unknown user) it works just as long, and says no. */
export async function verifyPassword(password: string, phc: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, nonce, expected] = phcPattern.exec(phc ?? '') ?? []
  if (!nonce || !expected) {
    await derive(password, Buffer.alloc(16), cost)
    return false
  }
  const madeAt = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const hash = await derive(password, Buffer.from(nonce, 'base64'), madeAt)
  const wanted = Buffer.from(expected, 'base64')
  return wanted.length === hash.length && timingSafeEqual(hash, wanted)
}

/** Each takes 46 MiB and a core for 50 ms: a flood of sign-ins must neither fill the memory nor starve the node channel. */
const maxConcurrent = 4
const maxWaiting = 40
const gate = processShared('password-gate', () => ({ running: 0, waiting: [] as (() => void)[] }))

async function derive(password: string, nonce: Buffer, at: typeof cost): Promise<Buffer> {
  const { value } = gate
  if (value.running < maxConcurrent) value.running += 1
  else {
    if (value.waiting.length >= maxWaiting)
      throw rateLimited('Too many people sign in at this moment. Try again in a minute')
    // The one that ends hands its place over, so `running` stays.
    await new Promise<void>((resolve) => value.waiting.push(resolve))
  }
  try {
    return await deriveKey('argon2id', { message: password.normalize('NFC'), nonce, tagLength: 32, ...at })
  } finally {
    const next = value.waiting.shift()
    if (next) next()
    else value.running -= 1
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
