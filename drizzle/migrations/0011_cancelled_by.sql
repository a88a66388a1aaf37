ALTER TABLE "pipeline_runs" ADD COLUMN "cancelled_by" jsonb;--> statement-breakpoint
ALTER TABLE "pipeline_runs" ADD COLUMN "cancel_requested_at" timestamp (3) with time zone;