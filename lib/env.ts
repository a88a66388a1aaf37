import 'server-only'
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { Secret } from '@/lib/secret'

const boolean = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')
const path = z.string().transform((text) => (isAbsolute(text) ? text : resolve(text)))
const readableFile = path.refine(isReadable, { error: 'names a file that cannot be read' })
const keptFolder = path.refine((folder) => canKeepIn(firstThatIs(folder)), {
  error: 'names a folder that cannot be made or written in',
})
const keptFile = path.refine(
  (file) =>
    existsSync(file)
      ? isReadable(file) && !statSync(file).isDirectory()
      : canKeepIn(firstThatIs(dirname(file))),
  { error: 'names a file that cannot be read or made' },
)

function whole(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d+$/, { error })
    .transform(Number)
    .pipe(z.number().min(min, { error }).max(max, { error }))
}

const postgresUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), {
    error: 'must look like postgresql://user:password@host:5432/database',
  })
  .transform((text) => new Secret(text))

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), {
    error: 'must look like https://sallyport.example.com',
  })
  .transform((text) => new URL(text).origin)

type Setting<Schema extends z.ZodType = z.ZodType> = {
  name: string
  /** What counts when it is left out; null: nothing. */
  fallback: string | null
  /** Shown instead of the fallback. */
  shownFallback?: string
  about: string
  schema: Schema
}

const setting = <Schema extends z.ZodType>(definition: Setting<Schema>) => definition

const definitions = {
  address: setting({
    name: 'SALLYPORT_ADDRESS',
    fallback: null,
    shownFallback: 'every interface; behind a proxy 127.0.0.1',
    about: 'Address the portal listens on',
    schema: z
      .union([z.ipv4(), z.ipv6(), z.literal('localhost')], { error: 'must be an IP address of this machine' })
      .nullable(),
  }),
  port: setting({
    name: 'SALLYPORT_PORT',
    fallback: '8443',
    about: 'Port the portal listens on; 0 takes a free one',
    schema: whole(0, 65_535),
  }),
  publicUrl: setting({
    name: 'SALLYPORT_PUBLIC_URL',
    fallback: null,
    shownFallback: 'the name of this machine with the port',
    about: 'Address by which browsers and nodes reach the portal',
    schema: origin.nullable(),
  }),
  dataDir: setting({
    name: 'SALLYPORT_DATA_DIR',
    fallback: '.sallyport',
    about: 'Folder of everything the portal keeps: keys, certificates and the embedded database',
    schema: keptFolder,
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    fallback: null,
    shownFallback: 'an embedded PostgreSQL in the data folder',
    about: 'PostgreSQL 15 or later, as a connection string',
    schema: postgresUrl.nullable(),
  }),
  databasePool: setting({
    name: 'SALLYPORT_DATABASE_POOL',
    fallback: '20',
    about: 'Most connections that this process opens to PostgreSQL',
    schema: whole(2, 1000),
  }),
  behindProxy: setting({
    name: 'SALLYPORT_BEHIND_PROXY',
    fallback: 'false',
    about:
      'true: a proxy on this machine or network does TLS, the portal speaks plain HTTP and trusts its X-Forwarded-* headers',
    schema: boolean,
  }),
  tlsCertFile: setting({
    name: 'SALLYPORT_TLS_CERT_FILE',
    fallback: null,
    shownFallback: 'one of a local authority made on first start',
    about:
      'Certificate chain (PEM); behind a proxy: the one the proxy shows, so that enrolment links can pin it',
    schema: readableFile.nullable(),
  }),
  tlsKeyFile: setting({
    name: 'SALLYPORT_TLS_KEY_FILE',
    fallback: null,
    shownFallback: '',
    about: 'Private key of that certificate (PEM)',
    schema: readableFile.nullable(),
  }),
  secretKeyFile: setting({
    name: 'SALLYPORT_SECRET_KEY_FILE',
    fallback: null,
    shownFallback: 'secret.key in the data folder',
    about:
      'File with the 32-byte key (base64) that protects stored authentication keys and sessions; made when missing. Portals on one database share it',
    schema: keptFile.nullable(),
  }),
  logLevel: setting({
    name: 'SALLYPORT_LOG_LEVEL',
    fallback: 'info',
    about: 'debug, info, warn or error',
    schema: z.enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' }),
  }),
  shutdownSeconds: setting({
    name: 'SALLYPORT_SHUTDOWN_SECONDS',
    fallback: '30',
    about: 'How long a stop waits for requests that are under way',
    schema: whole(1, 600),
  }),
}

type Definitions = typeof definitions
export type Env = { [Key in keyof Definitions]: z.output<Definitions[Key]['schema']> }

/** The settings were wrong: every problem, in the order of the settings. */
export class WrongSettings extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Parses every setting; throws one {@link WrongSettings} with all that is wrong. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const problems: string[] = []
  const parsed = Object.entries(definitions).map(([key, { name, fallback, schema }]) => {
    // An empty variable is how many process managers say "not set".
    const result = schema.safeParse(source[name] || fallback)
    if (!result.success) problems.push(`${name} ${result.error.issues[0]?.message ?? 'is wrong'}`)
    return [key, result.data]
  })
  problems.push(...unknownNames(source))
  if (problems.length === 0) {
    const env = Object.fromEntries(parsed) as Env
    problems.push(...contradictions(env))
    if (problems.length === 0) return env
  }
  throw new WrongSettings(problems)
}

let memo: Env | undefined

/** The settings of this process. */
export function env(): Env {
  return (memo ??= parseEnv(process.env))
}

/** What `npm start -- --help` and README list. */
export function listSettings(): { name: string; fallback: string; about: string }[] {
  return Object.values(definitions).map(({ name, fallback, shownFallback, about }: Setting) => ({
    name,
    fallback: shownFallback ?? fallback ?? '',
    about,
  }))
}

/** The table of README.md. */
export function settingsTable(): string {
  const rows = listSettings().map(({ name, fallback, about }) => `| \`${name}\` | ${about} | ${fallback} |`)
  return ['| Setting | What it is | Default |', '| --- | --- | --- |', ...rows].join('\n')
}

/** Where the portal is reached when nobody said it. */
export function defaultPublicUrl(port: number): string {
  return `https://${hostname().toLowerCase()}:${port}`
}

function contradictions(env: Env): string[] {
  const problems: string[] = []
  if (env.tlsKeyFile && !env.tlsCertFile)
    problems.push('SALLYPORT_TLS_KEY_FILE needs SALLYPORT_TLS_CERT_FILE')
  if (env.behindProxy) {
    if (env.tlsKeyFile)
      problems.push('SALLYPORT_TLS_KEY_FILE has no use with SALLYPORT_BEHIND_PROXY: the proxy does TLS')
    if (!env.publicUrl)
      problems.push('SALLYPORT_BEHIND_PROXY needs SALLYPORT_PUBLIC_URL: the address of the proxy')
  } else if (env.tlsCertFile && !env.tlsKeyFile) {
    problems.push('SALLYPORT_TLS_CERT_FILE needs SALLYPORT_TLS_KEY_FILE')
  }
  if (env.publicUrl?.startsWith('http:')) problems.push('SALLYPORT_PUBLIC_URL must start with https://')
  return problems
}

/** A typing mistake must not pass for a default. Settings of the node agent share the prefix. */
function unknownNames(source: Record<string, string | undefined>): string[] {
  const known = new Set(Object.values(definitions).map(({ name }) => name))
  return Object.keys(source)
    .filter(
      (name) => name.startsWith('SALLYPORT_') && !name.startsWith('SALLYPORT_AGENT_') && !known.has(name),
    )
    .map((name) => `${name} is not a setting; "npm start -- --help" lists them`)
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function firstThatIs(folder: string): string {
  return existsSync(folder) ? folder : firstThatIs(dirname(folder))
}

/** By trying: permissions do not tell of a file system that takes no files, and Node tries for ever to make folders in some. */
function canKeepIn(folder: string): boolean {
  try {
    rmdirSync(mkdtempSync(join(folder, '.sallyport-')))
    return true
  } catch {
    return false
  }
}
