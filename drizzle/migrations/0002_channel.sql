ALTER TABLE "nodes" ADD COLUMN "previous_incarnation" uuid;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "incarnation_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "runtimes" ADD COLUMN "vault_work_node_id" uuid;--> statement-breakpoint
ALTER TABLE "runtimes" ADD COLUMN "vault_work_until" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "activity_runs_holds" ON "activity_runs" USING btree (((plan -> 'snapshot' ->> 'holdId'))) WHERE phase = 'copying';