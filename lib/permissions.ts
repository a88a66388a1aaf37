/** Roles, from most to least (blueprint, section 4). Client-safe: buttons are disabled with the reason from this table. */
export const roles = ['Owner', 'Contributor', 'Operator', 'Reader'] as const
export type Role = (typeof roles)[number]

const everyone = roles
const operators = ['Owner', 'Contributor', 'Operator'] as const
const contributors = ['Owner', 'Contributor'] as const
const owners = ['Owner'] as const

const grants = {
  'factories.read': everyone,
  'factories.create': contributors,
  'factories.write': contributors,
  'factories.delete': owners,
  'runtimes.read': everyone,
  'runtimes.write': contributors,
  'runtimes.delete': contributors,
  'authKeys.read': owners,
  'authKeys.regenerate': owners,
  'enrolmentLinks.read': contributors,
  'enrolmentLinks.write': contributors,
  'nodes.read': everyone,
  'nodes.write': contributors,
  'nodes.cordon': operators,
  'nodes.remove': contributors,
  'linkedServices.read': everyone,
  'linkedServices.write': contributors,
  'linkedServices.test': operators,
  /** Lists names of tables and files. */
  'linkedServices.browse': operators,
  /** Shows rows: sealed for the asking browser. */
  'linkedServices.preview': contributors,
  'datasets.read': everyone,
  'datasets.write': contributors,
  'pipelines.read': everyone,
  'pipelines.write': contributors,
  'runs.read': everyone,
  'runs.start': operators,
  'runs.cancel': operators,
  'audit.read': owners,
  /** The first run makes tenant and owner, before anybody holds a role. */
  'setup.complete': [],
  /** One's own account; see `ownPermissions`. */
  'account.read': everyone,
  'account.write': everyone,
} as const satisfies Record<string, readonly Role[]>
export type Permission = keyof typeof grants
export const permissions = Object.keys(grants) as Permission[]

/** What every user may do, whatever the role, because it concerns nobody else; queries and commands take the user from the actor. */
const ownPermissions: readonly Permission[] = ['account.read', 'account.write']

/** Who acts. A node's own rights are in the agent channel; `system` is a background loop or the first-run setup. */
export type Actor =
  | {
      kind: 'user'
      userId: string
      name: string
      email: string
      tenantId: string
      sessionId: string
      /** Role in the whole tenant, if any. */
      tenantRole: Role | null
      /** Roles in single factories. */
      factoryRoles: Readonly<Record<string, Role>>
    }
  | { kind: 'node'; nodeId: string; name: string; runtimeId: string; tenantId: string }
  | { kind: 'system'; job: string; tenantId: string }

/** Where a permission is asked for. Without `factoryId` it is the tenant's own. */
export type Scope = { tenantId: string; factoryId?: string | undefined }

export function can(actor: Actor, permission: Permission, scope: Scope): boolean {
  if (actor.tenantId !== scope.tenantId) return false
  if (actor.kind === 'system') return true
  if (actor.kind === 'node') return false
  if (ownPermissions.includes(permission)) return true
  return rolesIn(actor, scope).some((role) => (grants[permission] as readonly Role[]).includes(role))
}

/** Why a button is disabled, for people; null where the action is allowed. */
export function whyNot(actor: Actor, permission: Permission, scope: Scope): string | null {
  if (can(actor, permission, scope)) return null
  const allowed = grants[permission]
  return `This needs the role ${allowed.length === 1 ? allowed[0] : `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`}`
}

/** For lists: in which factories the actor may do it. `all` means those of the actor's own tenant. */
export function factoriesWith(actor: Actor, permission: Permission): 'all' | readonly string[] {
  if (can(actor, permission, { tenantId: actor.tenantId })) return 'all'
  if (actor.kind !== 'user') return []
  return Object.keys(actor.factoryRoles).filter((factoryId) =>
    can(actor, permission, { tenantId: actor.tenantId, factoryId }),
  )
}

export function rolesWith(permission: Permission): readonly Role[] {
  return grants[permission]
}

function rolesIn(actor: Extract<Actor, { kind: 'user' }>, scope: Scope): Role[] {
  const inFactory = scope.factoryId ? actor.factoryRoles[scope.factoryId] : undefined
  return [actor.tenantRole, inFactory].filter((role) => role !== null && role !== undefined)
}
