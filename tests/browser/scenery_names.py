"""Names that the scenery and its tests share; no imports, so that both sides can read it without Django."""

PASSWORD = "violet-harbour-ladder-71"
RUNS = 60
