"""Goal-directed design of molecules: what they are scored by, and how good ones are searched."""
