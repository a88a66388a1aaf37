'use client'

import { Toast as Base } from '@base-ui/react/toast'
import { CircleAlert, CircleCheck, CircleX, Info, X } from 'lucide-react'
import { iconButtonClass } from './icon-button'

const manager = Base.createToastManager()
/** Good news leaves by itself; a failure stays until it is closed. */
const lingerMs = 5_000

function say(type: 'ok' | 'warn' | 'bad' | 'info', title: string, description?: string): string {
  return manager.add({
    type,
    title,
    description,
    timeout: type === 'bad' ? 0 : lingerMs,
  })
}

/** Says what has happened, from anywhere on the client: `toast.ok('Factory created')`. Not for what a form can show in place. */
export const toast = {
  ok: (title: string, description?: string) => say('ok', title, description),
  warn: (title: string, description?: string) => say('warn', title, description),
  bad: (title: string, description?: string) => say('bad', title, description),
  info: (title: string, description?: string) => say('info', title, description),
}

const icons: Record<string, React.ReactNode> = {
  ok: <CircleCheck aria-hidden className="text-ok-text" />,
  warn: <CircleAlert aria-hidden className="text-warn-text" />,
  bad: <CircleX aria-hidden className="text-bad-text" />,
  info: <Info aria-hidden className="text-info-text" />,
}

/** Where toasts appear; once, in the providers. */
export function Toaster() {
  return (
    <Base.Provider toastManager={manager} limit={4}>
      <Base.Portal>
        <Base.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(380px,calc(100vw-32px))] flex-col gap-2 outline-none">
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  )
}

const notice = { role: 'group', 'aria-modal': undefined }

function ToastList() {
  const { toasts } = Base.useToastManager()
  return toasts.map((item) => (
    <Base.Root
      key={item.id}
      toast={item}
      // Announced by the region around; it asks nothing, so it is no dialog.
      {...notice}
      className="floating flex items-start gap-2.5 p-3 data-limited:hidden"
      swipeDirection={['right', 'down']}
    >
      <span className="mt-0.5 [&>svg]:size-4">{icons[item.type ?? 'info']}</span>
      <Base.Content className="min-w-0 flex-1">
        <Base.Title className="font-medium wrap-anywhere" />
        <Base.Description className="text-sm wrap-anywhere text-fg-muted" />
      </Base.Content>
      <Base.Close
        aria-label="Dismiss"
        aria-hidden={false}
        className={iconButtonClass({ variant: 'ghost', size: 'sm' }, '-m-1')}
      >
        <X aria-hidden />
      </Base.Close>
    </Base.Root>
  ))
}
