"""The emergency stop: everything ends, nothing starts again until somebody resumes by hand."""
