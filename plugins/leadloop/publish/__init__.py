"""What people and tools read: published marts and the report."""
