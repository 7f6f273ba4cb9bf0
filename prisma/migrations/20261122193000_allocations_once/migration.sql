-- A step that is done twice writes its changes down once. Changes of before have no job and stay as they are.
CREATE UNIQUE INDEX "allocation_change_job_id_limit_name_key" ON "allocation_change"("job_id", "limit_name");
