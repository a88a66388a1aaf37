ALTER TABLE "nodes" ADD COLUMN "keys_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "next_signing_key" text;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "next_vault_key" text;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "next_vault_key_signature" text;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "next_keys_at" timestamp (3) with time zone;