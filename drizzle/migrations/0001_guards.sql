-- Nonces are kept for three minutes only: no write-ahead log for them.
ALTER TABLE "node_nonces" SET UNLOGGED;
--> statement-breakpoint
-- The audit log is append-only, whoever holds the connection.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is append-only';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON "audit_log"
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON "audit_log"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
-- The queue's rows change often: vacuum early, and keep room for updates in place.
ALTER TABLE "tasks" SET (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 70);
