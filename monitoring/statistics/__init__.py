"""Pure functions over arrays and counts; nothing here reads a row or knows a monitor."""
