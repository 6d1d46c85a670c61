"""What a job may do, and who can make it do so."""
