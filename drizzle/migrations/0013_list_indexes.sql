DROP INDEX "tasks_node";--> statement-breakpoint
CREATE INDEX "audit_log_factory" ON "audit_log" USING btree ("tenant_id","factory_id","seq");--> statement-breakpoint
CREATE INDEX "pipeline_runs_status" ON "pipeline_runs" USING btree ("factory_id","status","queued_at","id");--> statement-breakpoint
CREATE INDEX "pipeline_runs_ended" ON "pipeline_runs" USING btree ("ended_at","factory_id");--> statement-breakpoint
CREATE INDEX "task_attempts_node" ON "task_attempts" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "tasks_only_node" ON "tasks" USING btree ("only_node_id") WHERE only_node_id is not null;--> statement-breakpoint
CREATE INDEX "tasks_node" ON "tasks" USING btree ("node_id","state") WHERE node_id is not null;