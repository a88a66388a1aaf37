'use client'

import { CircleUser, LogOut } from 'lucide-react'
import { useTransition } from 'react'
import { buttonClass } from '@/components/ui/button'
import { callAction } from '@/components/form/call-action'
import { Menu } from '@/components/ui/menu'
import { toast } from '@/components/ui/toast'
import type { ActionResult } from '@/lib/action-result'
import { paths } from '@/lib/paths'

export type ShellUser = { name: string; email: string; role: string | null }

type UserMenuProps = { user: ShellUser; signOut: () => Promise<ActionResult<null>> }

/** Who is signed in, and the way out. */
export function UserMenu({ user, signOut }: UserMenuProps) {
  const [pending, startTransition] = useTransition()
  const leave = async () => {
    const left = await callAction(signOut, undefined)
    // A whole new page: nothing that was shown or fetched stays in the browser's memory.
    if (left.ok) window.location.assign(paths.signIn())
    else toast.bad(left.error.message)
  }
  return (
    <Menu
      header={
        <div className="text-sm">
          <p className="font-medium wrap-anywhere">{user.name}</p>
          <p className="wrap-anywhere text-fg-muted">{user.email}</p>
          {user.role ? <p className="text-fg-muted">{user.role}</p> : null}
        </div>
      }
      groups={[
        [{ label: 'Account', icon: <CircleUser aria-hidden />, href: paths.account() }],
        [
          {
            label: 'Sign out',
            icon: <LogOut aria-hidden />,
            disabled: pending,
            onSelect: () => startTransition(leave),
          },
        ],
      ]}
      trigger={
        <button
          type="button"
          aria-label={`Signed in as ${user.name}`}
          className={buttonClass({ variant: 'ghost' }, 'px-1.5!')}
        >
          <span
            aria-hidden
            className="flex size-6 items-center justify-center rounded-full bg-accent-fill text-xs font-semibold text-accent-text"
          >
            {initials(user.name)}
          </span>
        </button>
      }
    />
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => word?.charAt(0) ?? '')
  return letters.join('').toUpperCase()
}
