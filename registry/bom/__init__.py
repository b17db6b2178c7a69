"""Bills of materials (CycloneDX): what a version consists of and was made with, for machines."""
