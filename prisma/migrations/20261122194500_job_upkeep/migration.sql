-- Events come in the order of their times, so a few pages of BRIN find those that are old enough to go.
-- CreateIndex
CREATE INDEX "job_event_at_idx" ON "job_event" USING BRIN ("at");
