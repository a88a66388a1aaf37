import type { ReactNode } from 'react'
import type { ActionResult } from '@/lib/action-result'
import { Brand } from './brand'
import { Nav } from './nav'
import { TopBar } from './top-bar'
import type { ShellUser } from './user-menu'

type AppShellProps = {
  /** The tenant's name, where the breadcrumb begins. */
  tenant: string
  user: ShellUser
  /** A server action that ends the session. */
  signOut: () => Promise<ActionResult<null>>
  children: ReactNode
}

/** The frame around every page of somebody who is signed in: rail, top bar, and the page as the one `main`. */
export function AppShell({ tenant, user, signOut, children }: AppShellProps) {
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[216px_minmax(0,1fr)]">
      <SkipLink />
      <aside aria-label="Rail" className="sticky top-0 hidden h-dvh flex-col border-r bg-canvas md:flex">
        <div className="flex h-12 shrink-0 items-center border-b px-4">
          <Brand />
        </div>
        <Nav />
      </aside>
      <div className="flex min-w-0 flex-col">
        <TopBar tenant={tenant} user={user} signOut={signOut} />
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-360 flex-1 px-4 py-5 outline-none md:px-6"
        >
          {children}
        </main>
      </div>
    </div>
  )
}

/** The frame of pages before somebody is signed in: setup and sign-in. */
export function AuthShell({ title, description, children }: AuthShellProps) {
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-100 flex-col justify-center px-4 py-12">
      <Brand />
      <h1 className="mt-8 text-xl font-semibold">{title}</h1>
      {description ? <div className="mt-1 text-fg-muted">{description}</div> : null}
      <div className="mt-6">{children}</div>
    </main>
  )
}

type AuthShellProps = { title: string; description?: ReactNode; children: ReactNode }

function SkipLink() {
  return (
    <a
      href="#main"
      className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent-solid px-3 py-1.5 font-medium text-accent-on focus:translate-y-0"
    >
      Skip to content
    </a>
  )
}
