'use client'

import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react'
import { themeCookie, type Theme } from './theme'

type ThemeState = { theme: Theme; setTheme: (theme: Theme) => void }

const ThemeContext = createContext<ThemeState | null>(null)
/** A year, in seconds. */
const cookieMaxAgeSeconds = 365 * 24 * 60 * 60

/** Holds the chosen theme and keeps the cookie and the class on <html> in step with it. */
export function ThemeProvider({ initial, children }: { initial: Theme; children: ReactNode }) {
  const [theme, setState] = useState(initial)
  const setTheme = useCallback((next: Theme) => {
    setState(next)
    const root = document.documentElement
    root.classList.remove('light', 'dark')
    if (next !== 'system') root.classList.add(next)
    const secure = location.protocol === 'https:' ? '; Secure' : ''
    // oxlint-disable-next-line unicorn/no-document-cookie -- the Cookie Store API is missing in Firefox and Safari
    document.cookie = `${themeCookie}=${next}; Path=/; Max-Age=${cookieMaxAgeSeconds}; SameSite=Lax${secure}`
  }, [])
  const state = useMemo(() => ({ theme, setTheme }), [theme, setTheme])
  return <ThemeContext value={state}>{children}</ThemeContext>
}

/** The chosen theme and how to change it. */
export function useTheme(): ThemeState {
  const state = use(ThemeContext)
  if (!state) throw new Error('useTheme() needs ThemeProvider above it')
  return state
}
