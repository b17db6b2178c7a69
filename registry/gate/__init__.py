"""What is looked at when a version becomes READY: its files, its description, its signature. Results are evidence."""
