'use client'

import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { Theme } from '@/components/ui/theme'
import { ThemeProvider } from '@/components/ui/theme-provider'
import { Toaster } from '@/components/ui/toast'

type ProvidersProps = { nonce: string | undefined; theme: Theme; children: ReactNode }

/** What every page needs on the client: live reads, theme, toasts, and the nonce for style elements. */
export function Providers({ nonce, theme, children }: ProvidersProps) {
  const [queryClient] = useState(makeQueryClient)
  return (
    <CSPProvider nonce={nonce}>
      <ThemeProvider initial={theme}>
        <QueryClientProvider client={queryClient}>
          <Tooltip.Provider delay={350}>{children}</Tooltip.Provider>
          <Toaster />
        </QueryClientProvider>
      </ThemeProvider>
    </CSPProvider>
  )
}

/** Live pages say their own interval; a hidden tab never asks (TanStack's default for intervals). */
function makeQueryClient() {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 2_000, retry: 1, refetchOnWindowFocus: true } },
  })
}
