ALTER TABLE "tasks" ADD COLUMN "failed_attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "farthest_bytes" bigint DEFAULT 0 NOT NULL;