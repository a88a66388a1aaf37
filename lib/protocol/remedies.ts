import type { FailureCode } from './failure.ts'

/** What a person can do about each failure, shown beside its message. */
export const remedyByCode: Record<FailureCode, string> = {
  source_unreachable: 'Check that the source is running and that the node may reach its address and port.',
  sink_unreachable: 'Check that the sink is running and that the node may reach its address and port.',
  dns_failed: 'Check the host name in the linked service, and the name server of the node.',
  tls_failed: 'Check the certificate of the store, or choose another SSL mode in the linked service.',
  login_failed: 'Enter the user name and the password of the linked service again.',
  permission_denied: 'Grant the login of the linked service the right that the message names.',
  not_found: 'Check that the table, container, folder or file still exists, or choose another.',
  already_exists: 'Choose another name, or overwrite.',
  schema_mismatch: 'Adjust the mapping so that every column has a counterpart.',
  type_unsupported: 'Leave the column out of the mapping, or map it to a type that the sink can hold.',
  invalid_data: 'Correct the value at the source, or change the mapping of the column.',
  key_violation:
    'Mend the rows at the source that hold a key twice or refer to nothing, or choose another key. Rows that the sink has already are changed by an upsert.',
  sink_full: 'Free space at the sink and retry: the copy goes on from its last checkpoint.',
  verification_failed:
    'Nothing was published. Retry; if it happens again, check the disks and triggers of the sink.',
  policy_denied:
    'On the node, allow it: node sallyport-agent.cjs configure --allow-host or --allow-folder. Or choose another store.',
  credential_unavailable: 'Bring a node online that holds the credential, or enter the credential again.',
  source_changed:
    'Resume the run: this copy begins anew on the source as it is now. Only where rows were appended to the target already, remove them and start a new run.',
  store_conflict: 'Somebody else changed the target while the copy ran. Retry.',
  cancelled: 'Retry when you want it to run.',
  fenced: 'The node had lost its lease, or another one took over. Try again.',
  agent_lost: 'The node stopped answering. Check the node; the task moves to another one by itself.',
  node_removed: 'Retry on another node.',
  timeout: 'Check the load of the store, then retry.',
  poison:
    'Look in the log of the node for why it stopped or lost its lease, and mend that. Then resume: finished parts stay.',
  internal: 'Retry. If it happens again, report it with the log of the run.',
}
