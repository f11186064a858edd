"""Real clients and tools against emulators that the tests start and end."""
