"""Care of the journal's file: checked, compacted, dumped, rolled back, set aside when damaged."""
