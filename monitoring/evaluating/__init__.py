"""One measurement of a monitor: reads, computes, judges. Writes nothing."""
