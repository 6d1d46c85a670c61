"""What a job deploys and migrates, what stands before and after it."""
