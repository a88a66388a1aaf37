import type { Metadata, Viewport } from 'next'
import { cookies, headers } from 'next/headers'
import localFont from 'next/font/local'
import type { ReactNode } from 'react'
import { themeFromCookie, themeCookie } from '@/components/ui/theme'
import { Providers } from './providers'
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './globals.css'

/*
 * The Latin part of each face is preloaded with a fallback of the same metrics, so that text does not move when it
 * arrives; other scripts come from the style sheets above, on demand.
 */
const inter = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  weight: '100 900',
  variable: '--font-inter',
  declarations: [
    {
      prop: 'unicode-range',
      value:
        'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
    },
  ],
})
const mono = localFont({
  src: '../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
  weight: '100 800',
  variable: '--font-jetbrains-mono',
  declarations: [
    {
      prop: 'unicode-range',
      value:
        'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
    },
  ],
  preload: false,
})

export const metadata: Metadata = {
  title: { default: 'Sallyport', template: '%s · Sallyport' },
  description: 'An open, self-hosted integration runtime.',
  robots: { index: false, follow: false },
}

export const viewport: Viewport = { colorScheme: 'light dark', width: 'device-width', initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeFromCookie((await cookies()).get(themeCookie)?.value)
  const nonce = (await headers()).get('x-nonce') ?? undefined
  return (
    <html
      lang="en"
      className={`${inter.variable} ${mono.variable} ${theme === 'system' ? '' : theme}`}
      suppressHydrationWarning
    >
      <body>
        <Providers nonce={nonce} theme={theme}>
          {children}
        </Providers>
      </body>
    </html>
  )
}
