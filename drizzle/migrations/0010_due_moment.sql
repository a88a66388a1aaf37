ALTER TABLE "tasks" ALTER COLUMN "run_after" SET DATA TYPE timestamp (6) with time zone;--> statement-breakpoint
ALTER TABLE "tasks" ALTER COLUMN "run_after" SET DEFAULT now();