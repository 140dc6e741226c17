"""What is held: taking files in, the examiner's bench, files themselves, storage, work."""
