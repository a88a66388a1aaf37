'use client'

import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { sessionKey } from '@/components/auth/session-query'
import { ReadError } from '@/components/live/read-json'
import { sayUnauthenticated } from '@/components/live/unauthenticated'
import type { Theme } from '@/components/ui/theme'
import { ThemeProvider } from '@/components/ui/theme-provider'
import { TipLayer } from '@/components/ui/tip-layer'
import { Toaster } from '@/components/ui/toast'

type ProvidersProps = { nonce: string | undefined; theme: Theme; children: ReactNode }

/** What every page needs on the client: live reads, theme, toasts, and the nonce for style elements. */
export function Providers({ nonce, theme, children }: ProvidersProps) {
  const [queryClient] = useState(makeQueryClient)
  return (
    <CSPProvider nonce={nonce}>
      <ThemeProvider initial={theme}>
        <QueryClientProvider client={queryClient}>
          {children}
          <Toaster />
          <TipLayer />
        </QueryClientProvider>
      </ThemeProvider>
    </CSPProvider>
  )
}

/** Live pages say their own interval; a hidden tab never asks (TanStack's default for intervals). */
function makeQueryClient() {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        const signedOut = error instanceof ReadError && error.code === 'unauthenticated'
        if (signedOut && queryKey[0] !== sessionKey[0]) sayUnauthenticated(false)
      },
    }),
    defaultOptions: { queries: { staleTime: 2_000, retry: 1, refetchOnWindowFocus: true } },
  })
}
